import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterChoice, bundledAdapter } from '../../../server/models/adapter/adapterChoice.ts';
import { adapterConfigFile, adapterWeightsFile, openAdapter } from '../../../server/models/adapter/adapterTensors.ts';
import { withAdapter } from '../../../server/models/adapter/withAdapter.ts';
import { publishedModels } from '../../../server/models/publishedModels.ts';
import type { TensorInfo, WeightSource } from '../../../server/models/weightSource.ts';
import { parseHuggingFaceConfig } from '../../../server/models/weights/huggingFaceConfig.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { tinyTokenizer } from '../tinyFolder.ts';

/** What tells the shapes of Qwen2.5-Coder-0.5B-Instruct. */
const qwen = {
  architectures: ['Qwen2ForCausalLM'],
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  vocab_size: 151_936,
  max_position_embeddings: 32_768,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  tie_word_embeddings: true,
};

/** The matrices of a layer that an adapter changes, each with its shape. */
const matrices: Readonly<Record<string, readonly number[]>> = {
  'self_attn.q_proj': [896, 896],
  'self_attn.k_proj': [128, 896],
  'self_attn.v_proj': [128, 896],
  'self_attn.o_proj': [896, 896],
  'mlp.gate_proj': [4864, 896],
  'mlp.up_proj': [4864, 896],
  'mlp.down_proj': [896, 4864],
};

function base(): WeightSource {
  const shapes = [
    ['model.embed_tokens.weight', [151_936, 896]] as const,
    ...Array.from({ length: 24 }, (_, layer) =>
      Object.entries(matrices).map(([name, shape]) => [`model.layers.${layer}.${name}.weight`, shape] as const),
    ).flat(),
  ];
  const unread = async () => {
    throw new Error('only shapes are looked at');
  };
  return {
    config: { ...parseHuggingFaceConfig(qwen, 'config.json'), endOfSequence: [] },
    tensors: new Map(shapes.map(([name, shape]) => [name, { name, shape, type: 'BF16' } satisfies TensorInfo])),
    tokenizer: { tokenizer: tinyTokenizer(), config: {} },
    displayName: 'Qwen2.5-Coder-0.5B-Instruct',
    readRows: unread,
    readRawRows: unread,
    async close() {},
  };
}

const named = publishedModels.filter(({ adapter }) => adapter !== undefined);

describe('the adapters that come with the package', () => {
  it.each(named)('$name is one of its base, and changes every matrix of every layer', async ({ name, repo }) => {
    const { folder, bundled } = await bundledAdapter(name);
    expect(bundled?.name).toBe(name);
    const config = JSON.parse(readFileSync(path.join(folder, adapterConfigFile), 'utf8'));
    expect(config.base_model_name_or_path).toBe(repo);
    const adapter = await openAdapter(folder);
    const changed = [...adapter.changes].flatMap(([tensor, { product }]) => (product ? [tensor] : [])).sort();
    await adapter.close();
    const all = [...base().tensors.keys()].filter((tensor) => tensor !== 'model.embed_tokens.weight');
    expect(changed).toEqual(all.sort());
    await (await withAdapter(base(), folder)).close();
  });

  it.each(named)('$name is in the package that npm makes', ({ adapter }) => {
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      encoding: 'utf8',
      shell: process.platform === 'win32',
      maxBuffer: 2 ** 26,
    });
    for (const file of [adapterConfigFile, adapterWeightsFile]) {
      expect(stdout).toContain(`"models/${adapter?.folder}/${file}"`);
    }
  });

  it('are meant by their names, in any case, where there is no folder of that name', async () => {
    for (const { name } of named) {
      expect(await adapterChoice(name.toUpperCase())).toEqual(await bundledAdapter(name));
    }
    const folder = temporaryFolder();
    expect(await adapterChoice(folder)).toEqual({ folder });
  });

  it('are told where neither a folder nor one of them is named', async () => {
    const names = named.map(({ name }) => name).join(', ');
    for (const given of ['nothing', 'cursorcore-1.5b', named[0]?.repo ?? '']) {
      await expect(adapterChoice(given)).rejects.toThrow(`there is no folder ${given}; name the folder`);
      await expect(adapterChoice(given)).rejects.toThrow(`or one that comes with cursorcore-lsp: ${names}`);
    }
  });
});
