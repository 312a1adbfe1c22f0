import * as v from 'valibot';
import { OutOfTime, withinTime } from '../timeLimit.ts';
import { ModelFileError } from '../weightSource.ts';

/** What adapter_config.json tells that the tensors beside it do not. */
export interface LoraConfig {
  /**
   * The rank of a module's two matrices, and the factor for their product.
   * @param module its name in the model, e.g. `model.layers.0.self_attn.q_proj`
   * @throws ModelFileError for a pattern that cannot be used.
   */
  scaleOf(module: string): { readonly rank: number; readonly scale: number };
  /** The tokens whose rows of a module are stored anew, in the order of the rows; undefined where there are none. */
  tokensOf(module: string): readonly number[] | undefined;
}

const rank = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const alpha = v.pipe(v.number(), v.finite());
const tokens = v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));

const schema = v.object({
  r: rank,
  lora_alpha: alpha,
  use_rslora: v.nullish(v.boolean(), false),
  rank_pattern: v.nullish(v.record(v.string(), rank), {}),
  alpha_pattern: v.nullish(v.record(v.string(), alpha), {}),
  trainable_token_indices: v.nullish(v.union([tokens, v.record(v.string(), tokens)])),
});

/**
 * Fields that say how the adapter was trained, or which modules it has, which the tensors say themselves. Whatever is not
 * among these, and is set, may change what the tensors mean.
 */
const withoutEffect: ReadonlySet<string> = new Set([
  ...Object.keys(schema.entries),
  ...['peft_type', 'peft_version', 'task_type', 'auto_mapping', 'base_model_name_or_path', 'revision'],
  ...['inference_mode', 'lora_dropout', 'bias', 'target_modules', 'exclude_modules', 'modules_to_save'],
  ...['layers_to_transform', 'layers_pattern', 'init_lora_weights', 'loftq_config', 'eva_config', 'corda_config'],
  ...['lora_ga_config', 'megatron_core', 'qalora_group_size', 'runtime_config', 'ensure_weight_tying'],
]);

const refused: Readonly<Record<string, string>> = {
  use_dora: 'DoRA, which scales the columns of the sum as well',
  fan_in_fan_out: 'matrices that lie transposed, as GPT-2 has them',
  use_qalora: 'QA-LoRA, whose matrices are for groups of columns',
  lora_bias: 'biases of its own matrices',
  layer_replication: 'a model whose layers are repeated',
  alora_invocation_tokens: 'activated LoRA, which works behind some tokens alone',
};

/** Ways to begin that change the model's own weights: the adapter is the difference to these, and not to the model. */
const changesTheBase = /^(?:pissa|olora|corda|loftq|lora_ga)/i;

/**
 * peft's adapter_config.json.
 * @param path named in errors
 * @throws ModelFileError for another kind of adapter than LoRA, and for whatever is not understood.
 */
export function parseLoraConfig(config: Readonly<Record<string, unknown>>, path: string): LoraConfig {
  const type = config.peft_type;
  if (type !== 'LORA') {
    throw new ModelFileError(
      `${path}: an adapter of kind ${JSON.stringify(type ?? null)} cannot be merged, only LORA; merge it with peft (merge_and_unload) and import the folder that it saves.`,
    );
  }
  const task = config.task_type ?? 'CAUSAL_LM';
  if (task !== 'CAUSAL_LM') {
    throw new ModelFileError(
      `${path}: the adapter is for ${JSON.stringify(task)} and not for writing text (CAUSAL_LM).`,
    );
  }
  const init = config.init_lora_weights;
  if (typeof init === 'string' && changesTheBase.test(init)) {
    throw new ModelFileError(
      `${path}: \`init_lora_weights\` is ${JSON.stringify(init)}, by which training began from other weights than the model's; merge it with peft (merge_and_unload) and import the folder that it saves.`,
    );
  }
  const unknown = Object.entries(config).find(([field, value]) => !withoutEffect.has(field) && isSet(value));
  if (unknown) {
    const what = refused[unknown[0]] ?? 'which is not known here';
    throw new ModelFileError(
      `${path} has \`${unknown[0]}\` (${what}), and that cannot be merged; merge it with peft (merge_and_unload) and import the folder that it saves.`,
    );
  }
  const parsed = v.safeParse(schema, config);
  if (!parsed.success) {
    throw new ModelFileError(
      `${path}: ${v.getDotPath(parsed.issues[0]) ?? 'its content'} is missing or not a value it can have; save the adapter again.`,
    );
  }
  const { r, lora_alpha, use_rslora, rank_pattern, alpha_pattern, trainable_token_indices: given } = parsed.output;
  return {
    scaleOf(module) {
      const chosenRank = matching(rank_pattern, module, path) ?? r;
      const chosenAlpha = matching(alpha_pattern, module, path) ?? lora_alpha;
      return { rank: chosenRank, scale: chosenAlpha / (use_rslora ? Math.sqrt(chosenRank) : chosenRank) };
    },
    tokensOf(module) {
      if (!given || Array.isArray(given)) return given ?? undefined;
      return Object.entries(given).find(([name]) => module === name || module.endsWith(`.${name}`))?.[1];
    },
  };
}

function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false;
}

/** How long a pattern may take on the name of a module, in milliseconds: a plain one takes microseconds. */
const patternMs = 1000;
const plainPattern = /^[\w.^$]*$/;

/** The value of the first pattern that is the end of the name, from a point on or as a whole, as peft matches them. */
function matching(patterns: Readonly<Record<string, number>>, module: string, path: string): number | undefined {
  for (const [pattern, value] of Object.entries(patterns)) {
    try {
      const matches = () => new RegExp(`^(.*\\.)?(${pattern})$`).test(module);
      if (plainPattern.test(pattern) ? matches() : withinTime(patternMs, matches)) return value;
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof OutOfTime)) throw error;
      throw new ModelFileError(
        `${path}: the pattern ${JSON.stringify(pattern)} of a rank or an alpha cannot be used; write it as plain names of modules.`,
      );
    }
  }
  return undefined;
}
