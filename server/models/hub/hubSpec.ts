import { withoutPasswords } from '../../../shared/printable.ts';
import { publishedModel } from '../publishedModels.ts';
import { UsageError } from '../store/storeError.ts';

/** What is to be pulled from the hub. */
export interface HubSpec {
  /** `OWNER/NAME`. */
  readonly repo: string;
  /** A GGUF file of it. */
  readonly file?: string;
  readonly revision: string;
  /** The name that was typed, where it was a short one. */
  readonly shortName?: string;
  /** The published model whose adapter, which comes with this package, is to be merged in. */
  readonly adapter?: string;
}

/**
 * Reads a short name, `OWNER/NAME` or `OWNER/NAME:FILE.gguf`, also with the hub's address in front. Throws a
 * UsageError.
 */
export function parseHubSpec(spec: string, options: { file?: string; revision?: string } = {}): HubSpec {
  const revision = options.revision ?? 'main';
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(revision) || revision.includes('..')) {
    throw new UsageError(`--revision: ${JSON.stringify(revision)} is no branch, tag or commit`);
  }
  const published = publishedModel(spec);
  if (published) {
    return {
      repo: published.repo,
      revision,
      ...(spec.includes('/') ? {} : { shortName: spec.toLowerCase() }),
      ...(published.adapter ? { adapter: published.name } : {}),
      ...(options.file === undefined ? {} : { file: options.file }),
    };
  }
  const [repo = '', inline] = spec
    .replace(/^https?:\/\/[^/]+\//, '')
    .replace(/\/$/, '')
    .split(/:(.*)/s);
  const file = inline ?? options.file;
  if (!/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(repo) || /\.\.|--/.test(repo)) {
    throw new UsageError(
      `${JSON.stringify(withoutPasswords(spec))} is neither a model of the hub, such as TechxGenus/CursorCore-QW2.5-1.5B, nor a short name; \`cursorcore-lsp model pull\` lists those`,
    );
  }
  if (file !== undefined && !file.toLowerCase().endsWith('.gguf')) {
    throw new UsageError(`${JSON.stringify(file)} is no GGUF file; without a file's name, safetensors are pulled`);
  }
  return { repo, revision, ...(file === undefined ? {} : { file }) };
}
