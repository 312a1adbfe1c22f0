import { isRecord } from '../../../shared/isRecord.ts';
import { canonicalUri } from '../../history/documentUri.ts';

/**
 * Two spellings of a URI are one document (`file:///c%3A/a%2Ets`, `file:///C:/a.ts`). The spelling used at opening
 * replaces all others, in what the client sends and in what it receives.
 */
export class UriSpellings {
  readonly #opened = new Map<string, string>();

  /** The parameters of a message, with documents named as they were opened. */
  spell(method: string, params: unknown): unknown {
    if (!isRecord(params)) return params;
    const spelled = this.#spellNamed(params);
    if (method === 'workspace/executeCommand' && Array.isArray(params.arguments)) {
      const spellArgument = (argument: unknown) => (isRecord(argument) ? this.#spellNamed(argument) : argument);
      return { ...spelled, arguments: params.arguments.map(spellArgument) };
    }
    const uri = isRecord(params.textDocument) ? params.textDocument.uri : undefined;
    if (typeof uri !== 'string') return spelled;
    if (method === 'textDocument/didOpen' && this.#of(uri) === undefined) this.#opened.set(canonicalUri(uri), uri);
    if (method === 'textDocument/didClose') this.#opened.delete(canonicalUri(uri));
    return spelled;
  }

  #spellNamed(named: Record<string, unknown>): Record<string, unknown> {
    const { uri, textDocument } = named;
    const spelled = typeof uri === 'string' ? this.#of(uri) : undefined;
    return {
      ...named,
      ...(spelled === undefined ? {} : { uri: spelled }),
      ...(isRecord(textDocument) ? { textDocument: this.#spellNamed(textDocument) } : {}),
    };
  }

  #of(uri: string): string | undefined {
    return this.#opened.get(canonicalUri(uri));
  }
}
