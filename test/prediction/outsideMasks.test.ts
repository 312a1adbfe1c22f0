import { describe, expect, it } from 'vitest';
import { outsideMasks } from '../../server/prediction/outsideMasks.ts';
import { PredictionService } from '../../server/prediction/service.ts';
import { eventually } from '../eventually.ts';
import { ManualEngine } from './engineDouble.ts';

const uri = 'file:///a.ts';
const secret = 'ghp_q7Rw2Zk9Xb4Nv8Tj3Lm6Pc1Hd5Gf0Sy7Ue2A';
const real = `const token = '${secret}';\nfoo(token);\n`;
const start = real.indexOf(secret);
const end = start + secret.length;
const current = real.replace(secret, 'x'.repeat(secret.length));
const conversation = { path: 'a.ts', languageId: '', history: [], current, masked: [{ start, end }] };
const at = real.indexOf('foo');

describe('outsideMasks', () => {
  const left = (edit: { start: number; end: number; newText: string }) =>
    outsideMasks(conversation, { edits: [{ ...edit, confidence: 1 }] }).edits.length;

  it.each([
    ['replaces a part', { start: start + 3, end: start + 5, newText: 'ab' }],
    ['puts something inside', { start: start + 3, end: start + 3, newText: 'ab' }],
    ['takes the line', { start: 0, end, newText: '' }],
    ['copies the mask', { start: at, end: at, newText: `other('${'x'.repeat(12)}');\n` }],
    ['copies the mask of a URL', { start: at, end: at, newText: "open('ftp://me:xxxx@host');\n" }],
  ])('drops an edit that %s', (_, edit) => {
    expect(left(edit)).toBe(0);
  });

  it.each([
    ['lies elsewhere', { start: at, end: at + 3, newText: 'bar' }],
    ['touches the mask', { start: end, end: end + 1, newText: '"' }],
    ['keeps a mask that is there', { start: at, end: at, newText: 'max' }],
  ])('lets an edit through that %s', (_, edit) => {
    expect(left(edit)).toBe(1);
  });
});

it('offers hunks of a text with a secret, and finishes what was cut short', async () => {
  const engine = Object.assign(new ManualEngine(), { supportsInstructions: true });
  const service = new PredictionService({
    engines: async () => [engine],
    debounceMs: () => 0,
    conversation: () => conversation,
  });
  service.open(uri, 1, real);
  const { signal } = new AbortController();
  const edit = { start: at, end: at + 3, newText: 'bar' };
  const asked = service.nextEdit(uri, { cursor: 0, signal });
  await eventually(() => expect(engine.calls).toHaveLength(1));
  engine.calls[0]?.answer([edit], { partial: true });
  const offer = await asked;
  expect(offer).toMatchObject({ text: real, edits: [edit] });

  const whole = service.wholeOffer(uri, offer?.id ?? '', signal);
  await eventually(() => expect(engine.calls).toHaveLength(2));
  const second = { start: at + 4, end: at + 9, newText: 'key' };
  engine.calls[1]?.answer([{ start: start + 1, end: start + 2, newText: 'y' }, edit, second]);
  expect(await whole).toMatchObject({ text: real, edits: [edit, second] });

  const instructed = service.instruct(uri, { start: 0, end: 0, instruction: `'${secret}' is not assignable`, signal });
  await eventually(() => expect(engine.calls).toHaveLength(3));
  expect(engine.calls[2]?.conversation.instruction).toBe(`'${'x'.repeat(secret.length)}' is not assignable`);
  engine.calls[2]?.answer([{ start, end, newText: 'y' }, second]);
  expect(await instructed).toMatchObject({ edits: [second] });
});
