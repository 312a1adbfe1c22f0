import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Benchmarks } from '../../server/data/benchmarks.ts';
import { Exporter, exportLimits, roughly } from '../../server/data/exportPairs.ts';
import { sampleChances } from '../../server/data/makeSamples.ts';
import { DataExclusion, hideSecrets } from '../../server/data/privacy.ts';
import { processRecords } from '../../server/data/processRecords.ts';
import type { Sample } from '../../server/data/records.ts';
import { ResumableOutput } from '../../server/data/resumable.ts';
import { searchAndReplace } from '../../shared/conversation/formats/searchAndReplace.ts';
import { processOf, snippets } from './arbitraries.ts';
import { scratch } from './repository.ts';

// On a busy machine; none of it depends on time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { folder, remove } = scratch();
afterAll(remove);

/** Made up, and put together here so that no scanner takes this file for a leak. */
const characters = [...'abcdefghijkmnpqrstuvwyzABCDEFGHJKLMNPQRSTUVWYZ23456789'];
/** Drawn without repetition: what repeats itself, like a placeholder of one letter, is taken for no secret. */
const alphanumeric = fc.shuffledSubarray(characters, { minLength: 36, maxLength: 36 }).map((drawn) => drawn.join(''));
const secret = fc
  .tuple(fc.constantFrom(`gh${'p_'}`, `np${'m_'}`, `glpa${'t-'}`, `sk${'_live_'}`), alphanumeric)
  .map(([prefix, rest]) => `${prefix}${prefix.startsWith('sk') ? rest.slice(0, 24) : rest}`);
const planted = fc
  .tuple(snippets, secret, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }))
  .map(([texts, hidden, at]) => ({
    hidden,
    texts: texts.map((text, i) => {
      const lines = text.split('\n');
      for (const place of at.slice(0, i + 1)) {
        lines.splice(place % (lines.length + 1), 0, place % 2 ? `token = "${hidden}"` : `send(${hidden})`);
      }
      return lines.join('\n');
    }),
  }));

describe('a planted secret', () => {
  let file = 0;

  it('is in no sample and no training example, wherever it stood', async () => {
    const benchmarks = await Benchmarks.read([]);
    let held = 0;
    await fc.assert(
      fc.asyncProperty(planted, fc.nat(100).map(String), async ({ hidden, texts }, seed) => {
        const place = path.join(folder, `${file++}`);
        const message = `Send the token ${hidden} along with each request`;
        writeFileSync(place, `${JSON.stringify(processOf(texts, { message }))}\n`);
        const output = await ResumableOutput.open({ file: `${place}.out`, settings: {} });
        const chances = { ...sampleChances, seed, perProcess: 5, silence: 1 };
        await processRecords([place], output, { chances, benchmarks, llm: undefined, limit: 100 });
        await output.close();
        const text = readFileSync(`${place}.out`, 'utf8');
        expect(text).not.toContain(hidden.slice(8, 24));
        for (const line of text.split('\n').filter((one) => one !== '')) {
          const sample = JSON.parse(line) as Sample;
          const exporter = new Exporter(searchAndReplace, exportLimits, roughly);
          expect(JSON.stringify(await exporter.pairOf(sample))).not.toContain(hidden.slice(8, 24));
          held++;
        }
      }),
      { numRuns: 60 },
    );
    expect(held).toBeGreaterThan(20);
  });

  it('is hidden in all texts where it shows what it is in one', () => {
    const password = 'Zk9Xb4Nv8Tj3Lm6Pc1Hd5Gf0Sy7Ue2Ao9Iw4Bt8K';
    const { texts, count } = hideSecrets([
      `use("${password}")`,
      `aws_secret_access_key = "${password}"\nuse("${password}")`,
    ]);
    expect(count).toBe(1);
    expect(texts.join('')).not.toContain(password);
    expect(texts[0]).toBe(`use("${'x'.repeat(password.length)}")`);
    expect(hideSecrets(texts)).toEqual({ texts, count: 0 });
  });
});

it.each([
  '.env',
  'config/.env.local',
  'id_rsa',
  'vendor/a.go',
  'web/node_modules/a.js',
  'a.min.js',
  'x_pb2.py',
  'gen/a.ts',
])('the file %s is left out by its name', (name) => {
  expect(new DataExclusion().nameReason(name)).toBeDefined();
});

it.each(['src/a.py', 'general.ts', 'distance/a.rs', 'lib/vendors.go', 'a b/ü.c'])('the file %s is not', (name) => {
  expect(new DataExclusion().nameReason(name)).toBeUndefined();
});
