import type { onnx } from 'onnx-proto';
import onnxProto from 'onnx-proto';

/** The element types of tensors in an ONNX graph (`TensorProto.DataType`). */
export const elementTypes = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** Bytes per element. */
export const elementBytes: Readonly<Record<ElementType, number>> = {
  float: 4,
  uint8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
};

/** The place of a tensor's bytes: a file beside the model, and the range in it. */
export interface ExternalData {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** A value in a graph, by its name. */
export type Value = string;

type AttributeValue = number | { readonly float: number } | readonly number[] | string | onnx.IGraphProto;

export interface Declared {
  readonly name: string;
  readonly type: ElementType;
  /** A name represents a dimension that varies. */
  readonly shape: readonly (number | string)[];
}

const microsoftDomain = 'com.microsoft';

/** Builds a graph from nodes, in the order in which they run. */
export class GraphBuilder {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly #initializers: onnx.ITensorProto[] = [];
  readonly #prefix: string;
  #count = 0;

  /** `prefix` keeps the names of a subgraph apart from those around it. */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  /** Adds a node with one output and returns that. An absent input is the empty string. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: Value,
  ): Value {
    const [value] = this.nodes(operator, inputs, attributes, [output ?? this.#fresh(operator)]);
    return value ?? '';
  }

  /** Adds a node with named outputs; an unused output is the empty string. */
  nodes(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, AttributeValue>>,
    outputs: readonly Value[],
  ): readonly Value[] {
    this.#nodes.push({
      name: this.#fresh(`${operator}_node`),
      opType: operator,
      domain: microsoftOperators.has(operator) ? microsoftDomain : '',
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return outputs;
  }

  /** Outputs for `nodes`. */
  names(...hints: readonly string[]): Value[] {
    return hints.map((hint) => this.#fresh(hint));
  }

  /** A constant small enough for the model file. Without `shape`, a scalar. */
  constant(type: 'int64' | 'float' | 'int32', values: readonly number[], shape?: readonly number[]): Value {
    const name = this.#fresh('constant');
    const raw = new Uint8Array(values.length * elementBytes[type]);
    const view = new DataView(raw.buffer);
    values.forEach((value, index) => {
      if (type === 'int64') view.setBigInt64(index * 8, BigInt(value), true);
      else if (type === 'int32') view.setInt32(index * 4, value, true);
      else view.setFloat32(index * 4, value, true);
    });
    this.#initializers.push({ name, dims: [...(shape ?? [])], dataType: elementTypes[type], rawData: raw });
    return name;
  }

  /** A tensor whose bytes are in a file beside the model. */
  external(name: Value, type: ElementType, shape: readonly number[], { file, offset, length }: ExternalData): Value {
    this.#initializers.push({
      name,
      dims: [...shape],
      dataType: elementTypes[type],
      dataLocation: onnxProto.onnx.TensorProto.DataLocation.EXTERNAL,
      externalData: [
        { key: 'location', value: file },
        { key: 'offset', value: `${offset}` },
        { key: 'length', value: `${length}` },
      ],
    });
    return name;
  }

  graph(name: string, inputs: readonly Declared[], outputs: readonly Declared[]): onnx.IGraphProto {
    return {
      name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: inputs.map(declaration),
      output: outputs.map(declaration),
    };
  }

  #fresh(hint: string): Value {
    return `${this.#prefix}${hint}_${this.#count++}`;
  }
}

/** ONNX Runtime's contrib operators that the graphs use; all others are ONNX's own. */
const microsoftOperators = new Set([
  'FusedMatMul',
  'GatherBlockQuantized',
  'GroupQueryAttention',
  'MatMulNBits',
  'QuickGelu',
  'SkipSimplifiedLayerNormalization',
]);

/** The bytes of an `.onnx` file. */
export function encodeModel(graph: onnx.IGraphProto): Uint8Array {
  return onnxProto.onnx.ModelProto.encode({
    irVersion: 10,
    producerName: 'cursorcore-lsp',
    opsetImport: [
      { domain: '', version: 21 },
      { domain: microsoftDomain, version: 1 },
    ],
    graph,
  }).finish();
}

function attribute(name: string, value: AttributeValue): onnx.IAttributeProto {
  const { AttributeType } = onnxProto.onnx.AttributeProto;
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: Buffer.from(value) };
  if (isList(value)) return { name, type: AttributeType.INTS, ints: [...value] };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.GRAPH, g: value };
}

function isList(value: AttributeValue): value is readonly number[] {
  return Array.isArray(value);
}

function declaration({ name, type, shape }: Declared): onnx.IValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}
