import { ModelFileError, type TensorInfo, type WeightSource } from '../../../server/models/weightSource.ts';

/**
 * The tensor of that name, which has to be there in that shape.
 * @throws ModelFileError when it is missing or shaped otherwise.
 */
export function requireTensor(source: WeightSource, name: string, shape: readonly number[]): TensorInfo {
  const tensor = source.tensors.get(name);
  if (!tensor) {
    throw new ModelFileError(
      `${source.displayName} has no tensor ${name}, which ${source.config.architecture} needs; download the model again.`,
    );
  }
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw new ModelFileError(
      `${source.displayName}: tensor ${name} is [${tensor.shape.join(', ')}] where its configuration asks for ` +
        `[${shape.join(', ')}]; configuration and weights are not of one model, download it again.`,
    );
  }
  return tensor;
}
