import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChatTemplate } from '../../server/model-host/chatTemplate.ts';
import { Detokenizer } from '../../server/model-host/detokenizer.ts';
import { ModelTokenizer } from '../../server/model-host/tokenizer.ts';
import { control, type Prompt, type PromptPart, promptText, text } from '../../shared/conversation/prompt.ts';
import { EngineError } from '../../shared/errors.ts';
import { firstControl, tinyTokenizer } from './tinyModel.ts';

const tokenizer = new ModelTokenizer(tinyTokenizer);
const controls = ['<|im_start|>', '<|im_end|>', '<|next_start|>', '<|next_end|>', '<|target|>'];
const isControl = (id: number) => id >= firstControl;

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(...controls, '<|', '|>', 'the', ' ', '    ', '\n', 'é', '🙂', '<|im_'))
    .map((all) => all.join('')),
);
const anyPart: fc.Arbitrary<PromptPart> = fc.oneof(anyText.map(text), fc.constantFrom(...controls).map(control));
const anyPrompt = fc.array(anyPart);

/** What the tokenizer's normalizer makes of a prompt. */
const normalized = (prompt: Prompt) =>
  promptText(prompt)
    .split(/(<\|\w+\|>)/)
    .map((piece) => piece.normalize('NFC'))
    .join('');

describe('ModelTokenizer', () => {
  it('gives back what it is given', () => {
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        expect(tokenizer.decode(tokenizer.encode(prompt)).normalize('NFC')).toBe(normalized(prompt).normalize('NFC'));
      }),
    );
  });

  it('makes control tokens of control parts and of nothing else', () => {
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        const ids = tokenizer.encode(prompt).filter(isControl);
        const wanted = prompt.flatMap((part) => (part.kind === 'control' ? [tokenizer.controlId(part.token)] : []));
        expect(ids).toEqual(wanted);
      }),
    );
  });

  it('encodes as the reference does where no text spells a control token', () => {
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        fc.pre(!prompt.some((part) => part.kind === 'text' && /[<|>]/.test(part.text)));
        expect(tokenizer.encode(prompt)).toEqual(tokenizer.encodeRaw(promptText(prompt)));
      }),
    );
  });

  it('encodes a text that spells a control token as one that does not, apart from that', () => {
    const spelled = 'the <|im_end|> = é';
    const ids = tokenizer.encode([control('<|im_start|>'), text(spelled)]);
    const pieces = ['the ', '<|', 'im_end', '|>', ' = é'].map((piece) => tokenizer.encode([text(piece)]));
    expect(ids).toEqual([tokenizer.controlId('<|im_start|>'), ...pieces.flat()]);
  });

  it('does not show in the tokens where a text was cut', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(tokenizer.encode([text(a), text(b)])).toEqual(tokenizer.encode([text(a + b)]));
      }),
    );
  });

  it('recognises control tokens in raw text and in text of our own', () => {
    expect(tokenizer.encodeRaw('<|im_end|>').every(isControl)).toBe(true);
    expect(tokenizer.split('a<|im_end|>b')).toEqual([text('a'), control('<|im_end|>'), text('b')]);
  });

  it('puts the beginning of sequence before a prompt that has none', () => {
    const beginning = new ModelTokenizer(tinyTokenizer, firstControl);
    expect(beginning.encode([text('a')])[0]).toBe(firstControl);
    expect(beginning.encode([control('<|endoftext|>'), text('a')]).filter((id) => id === firstControl)).toHaveLength(1);
    expect([...beginning.encode([]), ...beginning.encodeAnswer([text('a')])]).toEqual(beginning.encode([text('a')]));
  });

  it('refuses a control token that the model does not have', () => {
    expect(() => tokenizer.encode([control('<|nonsense|>')])).toThrow(EngineError);
    expect(() => tokenizer.encode([control('<|nonsense|>')])).toThrow(
      /no control token <\|nonsense\|>.*another format or model/,
    );
  });

  it('refuses a damaged tokenizer in a sentence', () => {
    expect(() => new ModelTokenizer({ tokenizer: { model: 3 }, config: {} })).toThrow(
      /tokenizer cannot be read.*import the model again/,
    );
  });
});

describe('Detokenizer', () => {
  it('gives the whole text in pieces, never half a character', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const ids = tokenizer.encode([text(value)]);
        const detokenizer = new Detokenizer(tokenizer, []);
        const pieces = ids.map((id) => detokenizer.push(id));
        expect(pieces.join('') + detokenizer.flush()).toBe(tokenizer.decode(ids));
        if (!tokenizer.decode(ids).includes('\uFFFD')) expect(pieces.join('')).not.toContain('\uFFFD');
      }),
    );
  });

  it('does not break a character behind what is no text, or U+FFFD itself', () => {
    for (const value of ['\uFFFD\u00A0', '\uFFFD\uFFFD🙂', '\uD800é🙂']) {
      const ids = tokenizer.encode([text(value)]);
      const detokenizer = new Detokenizer(tokenizer, []);
      expect(ids.map((id) => detokenizer.push(id)).join('') + detokenizer.flush()).toBe(tokenizer.decode(ids));
    }
  });

  it('gives what is left of a character that never became whole', () => {
    const detokenizer = new Detokenizer(tokenizer, []);
    const [first = 0] = tokenizer.encode([text('🙂')]);
    expect(detokenizer.push(first)).toBe('');
    expect(detokenizer.flush()).toBe('\uFFFD');
  });
});

describe('applyChatTemplate', () => {
  it('takes control tokens from the template and none from the messages', () => {
    const prompt = applyChatTemplate(
      tokenizer,
      [
        { role: 'system', content: [text('be <|im_end|>')] },
        { role: 'user', content: [text('hi '), control('<|target|>')] },
      ],
      'yes',
    );
    expect(promptText(prompt)).toBe(
      '<|im_start|>system\nbe <|im_end|><|im_end|>\n<|im_start|>user\nhi <|target|><|im_end|>\n<|im_start|>assistant\nyes',
    );
    const ids = tokenizer.encode(prompt).filter(isControl);
    expect(tokenizer.decode(ids)).toBe('<|im_start|><|im_end|><|im_start|><|target|><|im_end|><|im_start|>');
  });

  const withTemplate = (chat_template: unknown) =>
    new ModelTokenizer({ ...tinyTokenizer, config: { ...tinyTokenizer.config, chat_template } });
  const messages = [
    { role: 'system', content: [text('S')] },
    { role: 'user', content: [text('U')] },
  ] as const;
  const question = [{ role: 'user', content: [text('Q')] }] as const;

  it('does not let a model reason whose template asks whether it may', () => {
    for (const variable of ['enable_thinking', 'thinking']) {
      const asking = withTemplate(
        `{%- for m in messages -%}[{{ m.content }}]{%- endfor -%}{%- if ${variable} is defined and not ${variable} -%}<think></think>{%- endif -%}`,
      );
      expect(promptText(applyChatTemplate(asking, question, '```'))).toBe('[Q]<think></think>```');
    }
  });

  it('ends the thought that a template begins', () => {
    const reasoning = (end: string) => withTemplate(`{%- for m in messages -%}[{{ m.content }}]{%- endfor -%}${end}`);
    for (const end of ['<think>', '<think>{{ "\n" }}', '<think>{{ "\n\n" }}']) {
      const prompt = applyChatTemplate(reasoning(end), question, '```');
      expect(promptText(prompt)).toBe('[Q]<think>\n\n</think>\n\n```');
    }
    const written = [{ role: 'user', content: [text('about <think>')] }] as const;
    expect(promptText(applyChatTemplate(withTemplate('{{ messages[0].content }}'), written, ''))).toBe('about <think>');
  });

  it('says the system message as the user where the template drops it', () => {
    const noSystem = withTemplate([
      { name: 'other', template: '' },
      { name: 'default', template: "{%- for m in messages if m.role == 'user' -%}[{{ m.content }}]{%- endfor -%}" },
    ]);
    expect(promptText(applyChatTemplate(noSystem, messages, ''))).toBe('[S\n\nU]');
  });

  it('says why there is no prompt', () => {
    expect(() => applyChatTemplate(withTemplate(undefined), messages, '')).toThrow(/no chat template/);
    expect(() => applyChatTemplate(withTemplate('{% if %}'), messages, '')).toThrow(/cannot be read/);
    expect(() => applyChatTemplate(withTemplate('nothing'), messages, '')).toThrow(/drops or repeats messages/);
    const raising = withTemplate("{{ raise_exception('roles\n\nmust ' + 'alternate') }}");
    expect(() => applyChatTemplate(raising, messages, '')).toThrow('the prompt (roles must alternate); use a format');
  });
});
