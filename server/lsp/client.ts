import type { ClientCapabilities, InitializeParams } from 'vscode-languageserver';
import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import type { ClientExtensions } from '../../shared/protocol.ts';

/** What the client stated about itself in `initialize`. */
export interface Client {
  readonly capabilities: ClientCapabilities;
  readonly encoding: PositionEncoding;
  readonly workspaceFolders: readonly { readonly uri: string }[];
  readonly extensions: ClientExtensions;
}

/** A client before `initialize`. */
export const unknownClient: Client = { capabilities: {}, encoding: 'utf-16', workspaceFolders: [], extensions: {} };

export function readClient({ capabilities, rootUri, workspaceFolders }: InitializeParams): Client {
  const root = rootUri ? [{ uri: rootUri }] : [];
  const encoding = capabilities.general?.positionEncodings?.find((name) => name === 'utf-16' || name === 'utf-8');
  return {
    capabilities,
    // The first encoding in the client's order that we support; LSP 3.18, `PositionEncodingKind`, has utf-16 as the
    // default.
    encoding: encoding === 'utf-8' ? 'utf-8' : 'utf-16',
    workspaceFolders: workspaceFolders ?? root,
    extensions: readExtensions(capabilities.experimental),
  };
}

/** Whether the client can be asked to apply edits (LSP 3.18, `workspace/applyEdit`). */
export function appliesEdits({ capabilities }: Client): boolean {
  return capabilities.workspace?.applyEdit === true;
}

function readExtensions(experimental: unknown): ClientExtensions {
  if (typeof experimental !== 'object' || experimental === null || !('cursorcore' in experimental)) return {};
  const { cursorcore: own } = experimental;
  if (typeof own !== 'object' || own === null) return {};
  const others = 'otherDocuments' in own ? own.otherDocuments : undefined;
  return {
    refresh: 'refresh' in own && own.refresh === true,
    chat: 'chat' in own && own.chat === true,
    ...(typeof others === 'boolean' ? { otherDocuments: others } : {}),
  };
}
