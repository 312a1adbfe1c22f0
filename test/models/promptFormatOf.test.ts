import { describe, expect, it } from 'vitest';
import { defaultPrecision } from '../../server/models/defaultPrecision.ts';
import { promptFormatOf } from '../../server/models/promptFormatOf.ts';
import type { StoredType } from '../../server/models/weightSource.ts';
import { cursorCoreTokens } from '../../shared/conversation/prompt.ts';
import { tinyTokenizer } from './tinyFolder.ts';

const cursorCore = tinyTokenizer(Object.values(cursorCoreTokens));
const template = { chat_template: '{{ messages }}' };

describe('promptFormatOf', () => {
  it.each([
    [cursorCore, template, 'CursorCore-QW2.5-1.5B', 'wholeFile'],
    [cursorCore, {}, 'TechxGenus/CursorCore-QW2.5-1.5B-SR', 'searchAndReplace'],
    [cursorCore, {}, 'cursorcore-yi-9b-lc', 'locationAndChange'],
    [cursorCore, {}, 'cursorcore-ds-1.3b-lc.Q4_0', 'locationAndChange'],
    [cursorCore, {}, 'LCD-model', 'wholeFile'],
    [tinyTokenizer(['<|im_end|>']), template, 'Some-SR', 'fewShotInstruct'],
    [tinyTokenizer(['<|next_start|>']), {}, 'Some-SR', 'fewShotBase'],
  ])('tells the format from tokenizer and name', (tokenizer, config, name, format) => {
    expect(promptFormatOf({ tokenizer, config }, ['model', name])).toBe(format);
  });
});

describe('a general model that chats', () => {
  it.each([
    [0.13e9, 'fewShotInstruct'],
    [0.49e9, 'typingInstruct'],
    [1.54e9, 'windowInstruct'],
    [undefined, 'fewShotInstruct'],
  ] as const)('of %s parameters gets %s', (parameters, format) => {
    const tokenizer = tinyTokenizer(['<|im_end|>']);
    expect(promptFormatOf({ tokenizer, config: template }, ['Some-Instruct'], parameters)).toBe(format);
  });
});

describe('defaultPrecision', () => {
  const source = (...types: [StoredType, number][]) => ({
    tensors: new Map(types.map(([type, size], index) => [`${index}`, { name: `${index}`, shape: [size, 2], type }])),
  });

  it('is near to what most of a quantised file holds', () => {
    expect(defaultPrecision(source(['Q8_0', 10], ['F32', 1]))).toBe('int8');
    expect(defaultPrecision(source(['Q4_K', 10], ['Q6_K', 5], ['F32', 1]))).toBe('int4');
    expect(defaultPrecision(source(['Q4_0', 10]), 100e9)).toBe('int4');
  });

  it('is int8 for a small model without a GPU', () => {
    expect(defaultPrecision(source(['BF16', 247e6]))).toBe('int8');
    expect(defaultPrecision(source(['BF16', 247e6]), 24e9)).toBe('fp16');
  });

  it('is int4 for a CPU, and fp16 for a GPU that has room for that and a cache', () => {
    expect(defaultPrecision(source(['BF16', 1e9]))).toBe('int4');
    expect(defaultPrecision(source(['BF16', 1e9]), 24e9)).toBe('fp16');
    expect(defaultPrecision(source(['BF16', 1e9]), 5e9)).toBe('int4');
  });
});
