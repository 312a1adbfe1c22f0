import type { Device } from '../manifest.ts';
import type { ModelConfig } from '../weightSource.ts';
import type { DecoderWeights, LayerWeights, Matrix, SideData, Vector } from './decoderWeights.ts';
import type { ElementType, GraphBuilder, Value } from './onnxModel.ts';

/** The precision of `MatMulNBits`: 4 takes activations as int8, which is fastest on the CPU. */
const accuracyLevel = 4;

/** Inputs of the decoder's layers, all of one device's activation type. */
export interface DecoderInputs {
  /** int64 [1, S] */
  readonly tokens: Value;
  /** int32 [1]: total sequence length minus one. */
  readonly lastPosition: Value;
  /** int32 []: past and new tokens together. */
  readonly totalLength: Value;
  /** Keys and values of each layer, `[1, kvHeads, P, headSize]`. */
  readonly past: readonly { readonly key: Value; readonly value: Value }[];
  /** Names for the keys and values that a layer gives; absent: fresh ones. */
  readonly present?: (layer: number) => { readonly key: Value; readonly value: Value };
}

export interface DecoderOutputs {
  /** `[1, S, hiddenSize]` before the final norm. */
  readonly hidden: Value;
  readonly present: readonly { readonly key: Value; readonly value: Value }[];
}

/**
 * The decoder that all architectures share, as ONNX nodes: pre-norm residual layers of grouped-query attention with rotary
 * embedding, where the weights have them with norms of query and key heads, and SwiGLU. Weights are declared in `outer`, nodes added to `body`; the two are one graph, or a loop and its body.
 */
export class DecoderBody {
  readonly #config: ModelConfig;
  readonly #weights: DecoderWeights;
  readonly #device: Device;
  readonly #outer: GraphBuilder;
  readonly #body: GraphBuilder;
  readonly #declared = new Set<string>();
  /** The sums of blocks of a product's input, by the input and the size of the blocks. */
  readonly #blockSums = new Map<string, Value>();

  constructor(config: ModelConfig, weights: DecoderWeights, device: Device, outer: GraphBuilder, body: GraphBuilder) {
    this.#config = config;
    this.#weights = weights;
    this.#device = device;
    this.#outer = outer;
    this.#body = body;
  }

  /**
   * The type of activations, keys and values: CUDA's attention does not support float32, the CPU's is slow in float16.
   */
  get activation(): 'float' | 'float16' {
    return this.#device === 'cuda' ? 'float16' : 'float';
  }

  layers(inputs: DecoderInputs): DecoderOutputs {
    const embedded = this.#embed(inputs.tokens);
    let residual = embedded;
    let update: Value | undefined;
    const present: { key: Value; value: Value }[] = [];
    this.#weights.layers.forEach((layer, index) => {
      const entered = this.#norm(layer.inputNorm, residual, update);
      const past = inputs.past[index] ?? { key: '', value: '' };
      const attended = this.#attention(layer, entered.normed, past, inputs.present?.(index), inputs);
      present.push({ key: attended.key, value: attended.value });
      const projected = this.#linear(layer.output, attended.output);
      const between = this.#norm(layer.postAttentionNorm, entered.residual, projected);
      residual = between.residual;
      update = this.#feedForward(layer, between.normed);
    });
    const hidden = update === undefined ? residual : this.#body.node('Add', [residual, update]);
    return { hidden, present };
  }

  /** Logits, float32 `[1, n, vocabularySize]`, of hidden states `[1, n, hiddenSize]`. */
  logits(hidden: Value): Value {
    const { normed } = this.#norm(this.#weights.finalNorm, hidden, undefined);
    const logits = this.#linear(this.#weights.head, normed);
    return this.activation === 'float' ? logits : this.#body.node('Cast', [logits], { to: 1 });
  }

  #embed(tokens: Value): Value {
    const { storage, ...matrix } = this.#weights.embedding;
    const { rows, columns, name } = matrix;
    if (storage.kind === 'float') return this.#body.node('Gather', [this.#matrixData({ storage, ...matrix }), tokens]);
    const { bits, blockSize, data, scales } = storage;
    // The same bytes as the head's if the two are tied, under another name: the two operators need different shapes.
    const packed = this.#declare(`${name}.rows`, 'uint8', [rows, (columns * bits) / 8], data);
    const scale = this.#side(`${name}.row_scales`, [rows, columns / blockSize], scales);
    return this.#body.node('GatherBlockQuantized', [packed, tokens, scale], {
      gather_axis: 0,
      quantize_axis: 1,
      block_size: blockSize,
      bits,
    });
  }

  /** RMS norm, of `residual + update` where there is one, and that sum. */
  #norm(
    norm: Vector,
    residual: Value,
    update: Value | undefined,
  ): { readonly normed: Value; readonly residual: Value } {
    const epsilon = { float: this.#config.normEpsilon };
    const scale = this.#side(norm.name, [norm.size], norm.data);
    if (update === undefined) {
      const normed = this.#body.node('SimplifiedLayerNormalization', [residual, scale], {
        axis: -1,
        epsilon,
        stash_type: 1,
      });
      return { normed, residual };
    }
    const [normed = '', sum = ''] = this.#body.names('normed', 'residual');
    this.#body.nodes('SkipSimplifiedLayerNormalization', [residual, update, scale], { epsilon }, [normed, '', '', sum]);
    return { normed, residual: sum };
  }

  #attention(
    layer: LayerWeights,
    hidden: Value,
    past: { readonly key: Value; readonly value: Value },
    present: { readonly key: Value; readonly value: Value } | undefined,
    { lastPosition, totalLength }: DecoderInputs,
  ): { readonly output: Value; readonly key: Value; readonly value: Value } {
    const { heads, kvHeads, headSize } = this.#config;
    const { positions, cos, sin } = this.#weights.rope;
    const cosines = this.#side('rope.cos', [positions, headSize / 2], cos);
    const sines = this.#side('rope.sin', [positions, headSize / 2], sin);
    const [query, keys, values] = this.#queryKeyValue(layer, hidden);
    const [output = ''] = this.#body.names('attention');
    const [key = '', value = ''] = present
      ? [present.key, present.value]
      : this.#body.names('present_key', 'present_value');
    this.#body.nodes(
      'GroupQueryAttention',
      [query, keys, values, past.key, past.value, lastPosition, totalLength, cosines, sines],
      {
        num_heads: heads,
        kv_num_heads: kvHeads,
        do_rotary: 1,
        rotary_interleaved: 0,
        scale: { float: this.#weights.attentionScale },
      },
      [output, key, value],
    );
    return { output, key, value };
  }

  /** Packed into the first if the parts need no further step; the other two are then absent. */
  #queryKeyValue(layer: LayerWeights, hidden: Value): readonly [query: Value, key: Value, value: Value] {
    const packed = this.#linear(layer.qkv, hidden);
    if (!layer.queryNorm && !layer.keyNorm) return [packed, '', ''];
    const { heads, kvHeads, headSize } = this.#config;
    const [query = '', key = '', value = ''] = this.#body.names('query', 'key', 'value');
    const sizes = [heads, kvHeads, kvHeads].map((count) => count * headSize);
    this.#body.nodes('Split', [packed, this.#body.constant('int64', sizes, [3])], { axis: -1 }, [query, key, value]);
    return [this.#normHeads(layer.queryNorm, query, heads), this.#normHeads(layer.keyNorm, key, kvHeads), value];
  }

  /** `[1, S, heads * headSize]` with an RMS norm of each head, where there is one. */
  #normHeads(norm: Vector | undefined, input: Value, heads: number): Value {
    if (!norm) return input;
    const { headSize } = this.#config;
    // 0 keeps the existing dimension.
    const reshaped = (value: Value, ...shape: number[]) =>
      this.#body.node('Reshape', [value, this.#body.constant('int64', [0, 0, ...shape], [2 + shape.length])]);
    const normed = this.#body.node(
      'SimplifiedLayerNormalization',
      [reshaped(input, heads, headSize), this.#side(norm.name, [norm.size], norm.data)],
      { axis: -1, epsilon: { float: this.#weights.headNormEpsilon }, stash_type: 1 },
    );
    return reshaped(normed, heads * headSize);
  }

  #feedForward(layer: LayerWeights, hidden: Value): Value {
    // QuickGelu with alpha 1 is SiLU.
    const gate = this.#body.node('QuickGelu', [this.#linear(layer.gate, hidden)], { alpha: { float: 1 } });
    return this.#linear(layer.down, this.#body.node('Mul', [gate, this.#linear(layer.up, hidden)]));
  }

  #linear(matrix: Matrix, input: Value): Value {
    const product = this.#product(matrix, input);
    const { bias } = matrix;
    return bias ? this.#body.node('Add', [product, this.#side(bias.name, [bias.size], bias.data)]) : product;
  }

  #product(matrix: Matrix, input: Value): Value {
    const { name, rows, columns, storage } = matrix;
    if (storage.kind === 'float') {
      return this.#body.node('FusedMatMul', [input, this.#matrixData(matrix)], { transB: 1, alpha: { float: 1 } });
    }
    const { bits, blockSize, data, scales, offsets } = storage;
    const blocks = Math.ceil(columns / blockSize);
    const packed = this.#declare(`${name}.blocks`, 'uint8', [rows, blocks, (blockSize * bits) / 8], data);
    const scale = this.#side(`${name}.scales`, [rows * blocks], scales);
    const product = this.#body.node('MatMulNBits', [input, packed, scale], {
      K: columns,
      N: rows,
      bits,
      block_size: blockSize,
      accuracy_level: accuracyLevel,
    });
    if (!offsets) return product;
    // What is the same for a block's weights is multiplied with the sum of its inputs.
    const sums = this.#sumsOfBlocks(input, columns, blockSize);
    return this.#body.node('Add', [product, this.#product(offsets, sums)]);
  }

  /** `[1, S, columns / blockSize]`, once for all matrices with the same input. */
  #sumsOfBlocks(input: Value, columns: number, blockSize: number): Value {
    const key = `${input} ${blockSize}`;
    const known = this.#blockSums.get(key);
    if (known !== undefined) return known;
    // 0 keeps the existing dimension.
    const shape = this.#body.constant('int64', [0, 0, columns / blockSize, blockSize], [4]);
    const blocks = this.#body.node('Reshape', [input, shape]);
    const lastAxis = this.#body.constant('int64', [-1], [1]);
    const sums = this.#body.node('ReduceSum', [blocks, lastAxis], { keepdims: 0 });
    this.#blockSums.set(key, sums);
    return sums;
  }

  /** A matrix of floats in the activation type; if stored in another type, converted once when the model is loaded. */
  #matrixData({ name, rows, columns, storage }: Matrix): Value {
    if (storage.kind !== 'float') throw new Error(`${name} is stored in blocks`);
    const declared = this.#declare(name, storage.type, [rows, columns], storage.data);
    if (storage.type === this.activation) return declared;
    const converted = `${name}.converted`;
    if (!this.#declared.has(converted)) {
      this.#declared.add(converted);
      this.#outer.node('Cast', [declared], { to: this.activation === 'float' ? 1 : 10 }, converted);
    }
    return converted;
  }

  #side(name: Value, shape: readonly number[], data: SideData): Value {
    return this.#declare(name, this.activation, shape, this.#device === 'cuda' ? data.cuda : data.cpu);
  }

  #declare(
    name: Value,
    type: ElementType,
    shape: readonly number[],
    data: Parameters<GraphBuilder['external']>[3],
  ): Value {
    if (!this.#declared.has(name)) {
      this.#declared.add(name);
      this.#outer.external(name, type, shape, data);
    }
    return name;
  }
}
