type Step = Readonly<Record<string, unknown>>;

/** GPT-2's pattern, which `ByteLevel` has built in (openai/gpt-2, src/encoder.py). */
export const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** A step that cuts text wherever the pattern matches; what lies between is a piece too. */
export function splitStep(regex: string): Step {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
}

/**
 * The same `pre_tokenizer` of a tokenizer.json in steps that every implementation takes alike. `@huggingface/tokenizers` 0.2
 * splits only ASCII digits where `Digits` means all numbers (`\p{N}`), and where `ByteLevel` uses its own pattern it takes
 * U+FEFF for white space and U+0085 for none; its patterns of `Split` are right.
 */
export function exactPreTokenizer(step: unknown): unknown {
  if (!isStep(step)) return step;
  if (step.type === 'Sequence' && Array.isArray(step.pretokenizers)) {
    return { ...step, pretokenizers: step.pretokenizers.flatMap(exactSteps) };
  }
  const steps = exactSteps(step);
  return steps.length === 1 ? steps[0] : { type: 'Sequence', pretokenizers: steps };
}

function exactSteps(step: unknown): unknown[] {
  if (!isStep(step)) return [step];
  switch (step.type) {
    case 'Sequence':
      return [exactPreTokenizer(step)];
    case 'Digits':
      return [splitStep(step.individual_digits === true ? '\\p{N}' : '\\p{N}+')];
    case 'ByteLevel': {
      // A prefix space is put before the pattern is applied, so that the two cannot be parted.
      const parted = step.use_regex !== false && step.add_prefix_space === false;
      return parted ? [splitStep(gpt2Pattern), { ...step, use_regex: false }] : [step];
    }
    default:
      return [step];
  }
}

function isStep(value: unknown): value is Step {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
