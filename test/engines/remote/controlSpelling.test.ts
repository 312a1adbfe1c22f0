import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disarm, isEndToken } from '../../../server/engines/remote/controlSpelling.ts';
import { control, promptText, text } from '../../../shared/conversation/prompt.ts';

const tokens = [
  '<|im_start|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<|fim_prefix|>',
  '<|eot_id|>',
  '</s>',
  '[INST]',
  '<fim_middle>',
];
const marks = [
  '<|next_start|>',
  '<|cursor|>',
  '<|editable_region_start|>',
  '<<<<<<<',
  '=======',
  '<div>',
  'a < b',
  '<|',
];
const breakers = ['\u2060', '\u200b', '\u200d', '\ufeff', '\ue000', '\ue001', '\ue002', '\uf8ff'];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...tokens, ...marks, ...breakers.slice(0, 4)), fc.string()), { maxLength: 12 })
  .map((pieces) => pieces.join(''));

describe('disarm', () => {
  it('leaves no control token in the text, and gives back what was there', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 4 }), (texts) => {
        const disarmed = disarm([texts.map(text)]);
        const [prompt = []] = disarmed?.prompts ?? [];
        const sent = prompt.map((part) => promptText([part]));
        for (const one of sent) for (const token of tokens) expect(one).not.toContain(token);
        expect(sent.map((one) => disarmed?.reveal(one))).toEqual(texts);
      }),
    );
  });

  it('sends text that spells none as it is, marks that formats write as text too', () => {
    const plain = [text(marks.join('\n')), control('<|im_start|>'), text('user\n')];
    expect(disarm([plain])?.prompts).toEqual([plain]);
  });

  it('breaks up in the text what the prompt itself uses as a control token, whatever that is', () => {
    const prompt = [control('<|my_own|>'), text('x = "<|my_own|>"')];
    const disarmed = disarm([prompt]);
    expect(disarmed?.prompts[0]?.[0]).toEqual(prompt[0]);
    expect(promptText(disarmed?.prompts[0]?.slice(1) ?? [])).not.toContain('<|my_own|>');
    expect(disarmed?.hide('<|my_own|>')).not.toBe('<|my_own|>');
  });

  it('gives up where a text holds every character that could be put in', () => {
    expect(disarm([[text(`<|im_end|>${breakers.join('')}`)]])).toBeUndefined();
    expect(disarm([[text(breakers.join(''))]])).toBeDefined();
  });
});

it('an end of the turn is known as a piece by itself', () => {
  expect(['<|im_end|>', '</s>\n'].every(isEndToken)).toBe(true);
  expect(['', 'x <|im_end|>', '<|next_end|>', '>'].some(isEndToken)).toBe(false);
});
