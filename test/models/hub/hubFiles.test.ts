import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHubSpec } from '../../../server/models/hub/hubSpec.ts';
import { checkListing, filesToPull, ggufToPull } from '../../../server/models/hub/repoFiles.ts';
import { memoryWarning } from '../../../server/models/needs.ts';
import {
  downloadBytes,
  publishedModel,
  publishedModels,
  publishedNeeds,
} from '../../../server/models/publishedModels.ts';

const entry = (name: string) => ({ type: 'file' as const, path: name, size: 1, oid: 'a'.repeat(40) });
const chosen = (...names: string[]) => filesToPull('o/r', names.map(entry)).map((file) => file.path);

describe('filesToPull', () => {
  it('takes shards with their index, one tokenizer, templates, and nothing else', () => {
    const shards = [
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ];
    const needed = ['config.json', 'generation_config.json', 'tokenizer.json', 'chat_template.jinja'];
    const template = 'additional_chat_templates/assistant-conversation.jinja';
    expect(
      chosen(
        ...shards,
        ...needed,
        template,
        'vocab.json',
        'merges.txt',
        'consolidated.safetensors',
        'onnx/model.onnx',
        'README.md',
      ),
    ).toEqual([...shards, ...needed, template]);
    expect(chosen('model.safetensors', ...shards)).toEqual(['model.safetensors', 'model.safetensors.index.json']);
    expect(chosen('model.safetensors', 'vocab.json', 'merges.txt')).toEqual([
      'model.safetensors',
      'vocab.json',
      'merges.txt',
    ]);
  });

  it('takes no path that leads out of a folder, whatever the hub lists', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      'model.safetensors',
      'additional_chat_templates',
      'a.jinja',
      'config.json',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(fc.array(piece).map((pieces) => pieces.join('/'))), (names) => {
        for (const name of chosen('model.safetensors', ...names)) {
          expect(path.relative('/root', path.join('/root', name))).not.toMatch(/^\.\.|^$|\0/);
        }
      }),
    );
  });

  it.each([
    [['model-00001-of-00002.safetensors'], 'has model-00001-of-00002.safetensors and no model.safetensors.index.json'],
    [['adapter_model.safetensors', 'adapter_config.json'], 'has no safetensors and no GGUF file'],
    [['model.safetensors', 'adapter_config.json'], 'is an adapter (LoRA) of another model'],
    [['model.safetensors', 'tokenizer.json'], 'has no config.json'],
    [['model.safetensors', 'config.json', 'vocab.json'], 'has no tokenizer.json; take another repository'],
    [['model.safetensors', 'config.json', 'tokenizer.model'], 'has its tokenizer as tokenizer.model alone'],
    [
      ['model.safetensors', 'config.json', 'tokenizer.json', 'quantize_config.json'],
      'has a quantize_config.json: quantised weights of this kind cannot be read; take the original weights',
    ],
  ])('refuses a listing of %j: %s', (names, words) => {
    const listing = names.map(entry);
    const check = () => {
      filesToPull('o/r', listing);
      checkListing('o/r', listing);
    };
    expect(check).toThrow(words);
  });

  it('trusts no file without a checksum', () => {
    expect(() => filesToPull('o/r', [{ type: 'file', path: 'model.safetensors', size: 1 }])).toThrow(
      'gives no checksum',
    );
    const lfs = { oid: 'not hex', size: 1, pointerSize: 1 };
    expect(() => filesToPull('o/r', [{ ...entry('model.safetensors'), lfs }])).toThrow('gives no checksum');
  });

  it('takes the GGUF file that is named and listed', () => {
    const paths = (file: string, ...names: string[]) =>
      ggufToPull('o/r', names.map(entry), file).map(({ path }) => path);
    expect(paths('sub/b.gguf', 'a.gguf', 'sub/b.gguf')).toEqual(['sub/b.gguf']);
    const parts = ['x/b-00001-of-00002.gguf', 'x/b-00002-of-00002.gguf'];
    for (const part of parts) expect(paths(part, 'a.gguf', ...parts.toReversed())).toEqual(parts);
    expect(() => paths(parts[0] ?? '', parts[0] ?? '')).toThrow('has no GGUF file x/b-00002-of-00002.gguf');
    expect(() => ggufToPull('o/r', [entry('a.gguf')], 'b.gguf')).toThrow('has no GGUF file b.gguf; there are: a.gguf');
    expect(() => ggufToPull('o/r', [entry('sub/..gguf')], 'sub/..gguf')).toThrow('has no GGUF file');
  });
});

describe('parseHubSpec', () => {
  /** The base of a model of ours. Its own name brings no adapter. */
  const base = { repo: 'Qwen/Qwen2.5-Coder-0.5B-Instruct', revision: 'main' };
  it.each([
    ['owner/name', { repo: 'owner/name', revision: 'main' }],
    ['https://huggingface.co/owner/name/', { repo: 'owner/name', revision: 'main' }],
    ['owner/name:x.Q4_0.gguf', { repo: 'owner/name', revision: 'main', file: 'x.Q4_0.gguf' }],
    ['CursorCore-1.5B', { repo: 'TechxGenus/CursorCore-QW2.5-1.5B', revision: 'main', shortName: 'cursorcore-1.5b' }],
    [
      'cursorcore-ds-6.7b-lc',
      { repo: 'TechxGenus/CursorCore-DS-6.7B-LC', revision: 'main', shortName: 'cursorcore-ds-6.7b-lc' },
    ],
    ['next-patch-0.5b', { ...base, shortName: 'next-patch-0.5b', adapter: 'next-patch-0.5b' }],
    ['Qwen/Qwen2.5-Coder-0.5B-Instruct', base],
  ])('reads %s', (spec, expected) => expect(parseHubSpec(spec)).toEqual(expected));

  it.each(['', 'x', '..', '../x', 'a/..', '/a/b', 'a/b/c', 'a b/c', 'a/b?x', 'a/b:x.bin'])('refuses %j', (spec) =>
    expect(() => parseHubSpec(spec)).toThrow(/is neither a model of the hub|is no GGUF file/),
  );

  it.each(['', '../x', 'a..b', '/x', 'x/', 'a b'])('refuses the revision %j', (revision) =>
    expect(() => parseHubSpec('a/b', { revision })).toThrow('is no branch, tag or commit'),
  );
});

describe('published models', () => {
  it('are there in three formats, under names of their own', () => {
    const names = publishedModels.flatMap(({ name, alias }) => [name, ...(alias === undefined ? [] : [alias])]);
    expect(new Set(names).size).toBe(names.length);
    expect(publishedModels).toHaveLength(27);
    for (const name of names) expect(parseHubSpec(name).repo).toBe(publishedModel(name)?.repo);
  });

  it('need more at a higher precision, and a download of two bytes a parameter', () => {
    for (const model of publishedModels) {
      const needs = (['int4', 'int8', 'fp16', 'fp32'] as const).map((precision) => publishedNeeds(model, precision));
      for (const [index, need] of needs.entries()) {
        expect(need.memory).toBeGreaterThan(need.disk);
        expect(need.disk).toBeGreaterThan(needs[index - 1]?.disk ?? 0);
      }
      expect(downloadBytes(model)).toBe(needs[2]?.disk);
    }
  });

  it('are warned of where the machine has no memory for them', () => {
    expect(memoryWarning(10e9, { total: 8e9, free: 4e9 })).toMatch(
      /about 10 GB .* this machine has 8\.0 GB; take a smaller/,
    );
    expect(memoryWarning(5e9, { total: 8e9, free: 4e9 })).toMatch(/only 4\.0 GB are free now; close other programs/);
    expect(memoryWarning(1e9, { total: 8e9, free: 4e9 })).toBeUndefined();
  });
});
