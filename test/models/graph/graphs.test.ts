import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConvertedModel, convertModel } from '../../../server/models/convert.ts';
import type { Precision } from '../../../server/models/manifest.ts';
import { ModelFileError } from '../../../server/models/weightSource.ts';
import { type DecoderVector, decoderVectors, hashedWeights } from './hashedWeights.ts';
import { emptyCache, largestDifference, numbers, pastOf, row, scalar, score, vector } from './runGraph.ts';

const vectors = await decoderVectors();
const variants = Object.entries(vectors);
const plain = vectors['Qwen2, tied embeddings'];
if (!plain) throw new Error('there are no vectors');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cursorcore-graph-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function loopOf(model: ConvertedModel): Promise<InferenceSession> {
  return await InferenceSession.create(path.join(folder, model.decoder.files.cpu ?? ''));
}

async function convert(of: DecoderVector, precision: Precision): Promise<ConvertedModel> {
  return await convertModel(hashedWeights(of), folder, { precision });
}

describe.each(variants)('%s', (_name, expected) => {
  test('fp32 has the logits of transformers', async () => {
    const model = await convert(expected, 'fp32');
    const logits = await score(folder, model, expected.prompt);
    for (const [position, reference] of Object.entries(expected.logits)) {
      expect(largestDifference(reference, logits[Number(position)] ?? [])).toBeLessThan(2e-4);
    }
  });

  test('fp32 decodes the ids of transformers, prefilled in two parts and in one run', async () => {
    const model = await convert(expected, 'fp32');
    const session = await loopOf(model);
    const [begin, rest] = [expected.prompt.slice(0, 31), expected.prompt.slice(31)];
    const none = { decode: scalar(0), verify: scalar(1), stop_ids: vector([-1]) };
    const prefilled = await session.run({
      ...none,
      input_ids: row(begin),
      past_length: scalar(0),
      ...emptyCache(model, 'past', 64),
    });
    const decoded = await session.run({
      ...none,
      decode: scalar(24),
      input_ids: row(rest),
      past_length: scalar(begin.length),
      ...pastOf(prefilled),
    });
    expect(numbers(decoded.ids)).toEqual(expected.greedy);
    const whole = await session.run({
      ...none,
      decode: scalar(24),
      input_ids: row(expected.prompt),
      past_length: scalar(0),
      ...emptyCache(model, 'past', 0),
    });
    expect(numbers(whole.ids)).toEqual(expected.greedy);
    await session.release();
  });
});

describe('the loop graph', () => {
  test('stops after a stop id, and tells how likely each id was', async () => {
    const model = await convert(plain, 'fp32');
    const session = await loopOf(model);
    const at = plain.greedy.findIndex((id, index) => index > 2 && plain.greedy.indexOf(id) === index);
    const { ids, log_probabilities } = await session.run({
      input_ids: row(plain.prompt),
      past_length: scalar(0),
      decode: scalar(24),
      verify: scalar(1),
      stop_ids: vector([-1, plain.greedy[at] ?? 0]),
      ...emptyCache(model, 'past', 128),
    });
    await session.release();
    expect(numbers(ids)).toEqual(plain.greedy.slice(0, at + 1));
    const last = plain.logits[plain.prompt.length - 1] ?? [];
    const highest = Math.max(...last);
    const expected = -Math.log(last.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
    expect(numbers(log_probabilities)).toHaveLength(at + 1);
    expect(numbers(log_probabilities)[0]).toBeCloseTo(expected, 3);
  });

  test('verifies draft tokens in one run, and goes on from those that were right', async () => {
    const model = await convert(plain, 'fp32');
    const session = await loopOf(model);
    const common = { decode: scalar(0), stop_ids: vector([-1]) };
    const { greedy, prompt } = plain;
    // The third draft token is wrong.
    const draft = [greedy[0] ?? 0, greedy[1] ?? 0, ((greedy[2] ?? 0) + 1) % 160, 5];
    const verified = await session.run({
      ...common,
      verify: scalar(5),
      input_ids: row([...prompt, ...draft]),
      past_length: scalar(0),
      ...emptyCache(model, 'past', 96),
    });
    expect(numbers(verified.ids).slice(0, 3)).toEqual(greedy.slice(0, 3));
    const goneOn = await session.run({
      ...common,
      verify: scalar(1),
      decode: scalar(8),
      input_ids: row(greedy.slice(2, 3)),
      past_length: scalar(prompt.length + 2),
      ...pastOf(verified),
    });
    await session.release();
    expect(numbers(goneOn.ids)).toEqual(greedy.slice(3, 11));
  });
});

test.each(['fp16', 'int8', 'int4'] as const)('%s comes close to fp32', async (precision) => {
  const model = await convert(plain, precision);
  const logits = (await score(folder, model, plain.prompt))[47] ?? [];
  const reference = plain.logits[47] ?? [];
  // Cosine similarity: 1 for the same direction. Weights without structure are the hardest to quantise.
  const dot = (first: readonly number[], second: readonly number[]) =>
    first.reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0);
  const similarity = dot(logits, reference) / Math.sqrt(dot(logits, logits) * dot(reference, reference));
  expect(similarity).toBeGreaterThan({ fp16: 0.9999, int8: 0.995, int4: 0.9 }[precision]);
});

describe('weights that make no model', () => {
  const withTensors = (change: (tensors: Record<string, readonly number[]>) => void): DecoderVector => {
    const tensors = { ...plain.tensors };
    change(tensors);
    return { ...plain, tensors };
  };

  test('a missing tensor is named', async () => {
    const broken = withTensors((tensors) => delete tensors['model.layers.1.mlp.up_proj.weight']);
    await expect(convert(broken, 'int4')).rejects.toThrow(/lack model\.layers\.1\.mlp\.up_proj\.weight/);
  });

  test('a shape that contradicts the configuration is named', async () => {
    const broken = withTensors((tensors) => {
      tensors['model.layers.0.mlp.down_proj.weight'] = [64, 95];
    });
    await expect(convert(broken, 'fp32')).rejects.toThrow(/down_proj\.weight \[64, 95\].*64 × 96/);
  });

  test('an unknown architecture is refused with those there are', async () => {
    await expect(convert({ ...plain, architecture: 'MambaForCausalLM' }, 'fp32')).rejects.toThrow(
      /MambaForCausalLM is not supported; choose a model of .*Qwen2ForCausalLM or LlamaForCausalLM/,
    );
  });

  test('heads that cannot be shared are refused', async () => {
    const broken = { ...plain, config: { ...plain.config, num_key_value_heads: 3 } };
    await expect(convert(broken, 'fp32')).rejects.toThrow(ModelFileError);
  });

  test('an abort ends the conversion', async () => {
    const reason = new Error('enough');
    const converting = convertModel(hashedWeights(plain), folder, {
      precision: 'int4',
      signal: AbortSignal.abort(reason),
    });
    await expect(converting).rejects.toBe(reason);
  });
});
