import { constants } from 'node:fs';
import { copyFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Precision } from './manifest.ts';
import { readOnnxConfig } from './onnxConfig.ts';
import { bindDecoder, type DecoderBinding } from './onnxDecoder.ts';
import { type OnnxHeader, readOnnxHeader } from './onnxHeader.ts';
import type { TokenizerFiles } from './tokenizer/tokenizerFiles.ts';
import { readTokenizerFolder } from './tokenizer/tokenizerFolder.ts';
import { ModelFileError } from './weightSource.ts';

/** A decoder that somebody exported to ONNX, with the files it consists of. */
export interface OnnxFolder {
  readonly displayName: string;
  readonly tokenizer: TokenizerFiles;
  readonly model: DecoderBinding;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Copies decoder and weights into `folder`. */
  copyTo(
    folder: string,
    options?: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal },
  ): Promise<void>;
}

/** transformers.js's file names, the best for a CPU first; files with fp16 are for GPUs. */
const variants: readonly { readonly precision: Precision; readonly file: string }[] = [
  { precision: 'int4', file: 'model_q4.onnx' },
  { precision: 'int8', file: 'model_quantized.onnx' },
  { precision: 'int8', file: 'model_int8.onnx' },
  { precision: 'int8', file: 'model_uint8.onnx' },
  { precision: 'int4', file: 'model_bnb4.onnx' },
  { precision: 'int4', file: 'model_q4f16.onnx' },
  { precision: 'fp32', file: 'model.onnx' },
  { precision: 'fp16', file: 'model_fp16.onnx' },
];

const genaiConfig = 'genai_config.json';
const plainName = /^[A-Za-z0-9][\w.-]*$/;
const taken = ['model.json', 'tokenizer.json', 'tokenizer_config.json'];

/** Whether `openOnnxFolder` can open a folder or an `.onnx` file. */
export async function isOnnxFolder(place: string): Promise<boolean> {
  if (place.endsWith('.onnx')) return true;
  const names = await namesIn(place);
  // Safetensors make a better decoder than an export in the same folder.
  if (names.some((name) => name.endsWith('.safetensors'))) return false;
  if (names.includes(genaiConfig) || names.some((name) => name.endsWith('.onnx'))) return true;
  return (await namesIn(path.join(place, 'onnx'))).some((name) => name.endsWith('.onnx'));
}

/**
 * Opens a folder in the layout of transformers.js (`onnx/model*.onnx`) or onnxruntime-genai (`genai_config.json`), or
 * one of its `.onnx` files. Rejects with a ModelFileError.
 */
export async function openOnnxFolder(place: string, precision?: Precision): Promise<OnnxFolder> {
  const { folder, file } = await findModel(path.resolve(place), precision);
  const header = await readOnnxHeader(file);
  const config = await readOnnxConfig(folder);
  const tokenizer = await readTokenizerFolder(folder, config.architecture);
  const model = bindDecoder(file, header, config, tokenizer);
  if (precision !== undefined && precision !== model.precision) {
    throw new ModelFileError(
      `${file} was exported as ${model.precision} and cannot be made ${precision}; leave --precision out, or import the original safetensors`,
    );
  }
  const files = await filesOf(file, header);
  return {
    displayName: path.basename(folder),
    tokenizer,
    model,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    copyTo: (target, options) => copyAll(files, target, options),
  };
}

async function findModel(place: string, precision?: Precision): Promise<{ folder: string; file: string }> {
  if (place.endsWith('.onnx')) {
    const folder = path.dirname(place);
    // transformers.js has the tokenizer in the parent folder.
    return { folder: path.basename(folder) === 'onnx' ? path.dirname(folder) : folder, file: place };
  }
  const { genaiFile } = await readOnnxConfig(place);
  if (genaiFile !== undefined) {
    if (!plainName.test(genaiFile)) {
      throw new ModelFileError(
        `${path.join(place, genaiConfig)} names the decoder ${JSON.stringify(genaiFile)}, which is no file of this folder; export the model again`,
      );
    }
    return { folder: place, file: path.join(place, genaiFile) };
  }
  for (const folder of [path.join(place, 'onnx'), place]) {
    const names = (await namesIn(folder)).filter((name) => name.endsWith('.onnx'));
    const known = variants.filter((variant) => names.includes(variant.file));
    const fitting = known.find((variant) => precision === undefined || variant.precision === precision);
    if (fitting) return { folder: place, file: path.join(folder, fitting.file) };
    const [only] = names;
    if (only !== undefined && names.length === 1) return { folder: place, file: path.join(folder, only) };
    if (names.length > 0) {
      const list = names.sort().join(', ');
      throw new ModelFileError(
        known.length > 0
          ? `${folder} has no decoder in ${precision}, only ${list}; choose another --precision, or name one of these files`
          : `${folder} has several ONNX files (${list}) and none is called model.onnx; name the one that is the decoder`,
      );
    }
  }
  throw new ModelFileError(`${place} has no ONNX model; name a folder with onnx/model.onnx or ${genaiConfig}`);
}

/** The names in a folder; empty if it is not a folder. */
async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

interface SourceFile {
  readonly from: string;
  readonly name: string;
  readonly size: number;
}

/** The decoder and its external data files, each of which must be in the same folder under a plain name. */
async function filesOf(file: string, { externalFiles }: OnnxHeader): Promise<SourceFile[]> {
  const folder = path.dirname(file);
  const names = [path.basename(file)];
  const needed = new Map<string, number>();
  for (const [location, bytes] of externalFiles) {
    const name = location.replace(/^\.\//, '');
    if (!plainName.test(name) || taken.includes(name.toLowerCase())) {
      throw new ModelFileError(
        `${file} keeps weights in ${JSON.stringify(location)}, which is no file beside it; export the model again with all its data in one folder`,
      );
    }
    if (!names.includes(name)) names.push(name);
    needed.set(name, Math.max(bytes, needed.get(name) ?? 0));
  }
  if (!plainName.test(names[0] ?? '')) {
    throw new ModelFileError(`${file} has a name that the store cannot keep; rename it to model.onnx`);
  }
  return Promise.all(
    names.map(async (name) => {
      const from = path.join(folder, name);
      const stats = await stat(from).catch(() => undefined);
      if (!stats?.isFile()) {
        throw new ModelFileError(
          `${file} needs ${name} beside it, which is not there; download or export the model again`,
        );
      }
      const least = needed.get(name) ?? 0;
      if (stats.size < least) {
        throw new ModelFileError(`${from} is cut short: it has ${stats.size} bytes of ${least}; download it again`);
      }
      return { from, name, size: stats.size };
    }),
  );
}

async function copyAll(
  files: readonly SourceFile[],
  folder: string,
  { onProgress, signal }: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<void> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const { from, name, size } of files) {
    signal?.throwIfAborted();
    // A copy that shares its blocks until one is written to, if the file system supports that.
    await copyFile(from, path.join(folder, name), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    done += size;
    onProgress?.(done, total);
  }
}
