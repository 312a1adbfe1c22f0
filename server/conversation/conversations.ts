import type { Conversation, TargetArea } from '../../shared/conversation/conversation.ts';
import { canonicalUri } from '../history/documentUri.ts';
import type { EditHistory } from '../history/editHistory.ts';
import type { Settings } from '../settings/settings.ts';

/** The maximum number of a document's single edits that an engine sees. */
const maxEdits = 8;

export interface ConversationSources {
  readonly history: EditHistory;
  readonly settings: () => Pick<Settings, 'history.maxSnapshots' | 'history.maxRelated'>;
  /** The URIs of the workspace's folders. */
  readonly folders: () => readonly string[];
  /** LSP language identifier of an open document; undefined for one that is not open. */
  readonly languageId: (uri: string) => string | undefined;
  /** The current time in milliseconds, by the same clock as in `history`. */
  readonly now: () => number;
}

/** Builds the conversations for engines from what is known about open documents. */
export class Conversations {
  readonly #sources: ConversationSources;

  constructor(sources: ConversationSources) {
    this.#sources = sources;
  }

  /** The conversation about a document now; undefined where it is not open or must not be read. */
  about(uri: string, target: TargetArea | undefined): Conversation | undefined {
    const { history, settings, languageId, now } = this.#sources;
    const language = languageId(uri);
    const current = history.current(uri);
    if (language === undefined || !current) return undefined;
    const limits = settings();
    const related = history.related(uri, limits['history.maxRelated'], now());
    return {
      path: this.pathOf(uri),
      languageId: language,
      history: history.snapshots(uri, limits['history.maxSnapshots']),
      edits: history.edits(uri, maxEdits),
      current: current.text,
      ...(current.secrets.length > 0 ? { masked: current.secrets } : {}),
      ...(target ? { target } : {}),
      ...(related.length > 0 ? { related } : {}),
    };
  }

  /** The document's path in the innermost workspace folder that contains it, or its name if none does. */
  pathOf(uri: string): string {
    const canonical = canonicalUri(uri);
    const inside = this.#sources
      .folders()
      .map((folder) => canonicalUri(folder.endsWith('/') ? folder : `${folder}/`))
      .filter((folder) => canonical.startsWith(folder))
      .map((folder) => canonical.slice(folder.length))
      .sort((a, b) => a.length - b.length)[0];
    const path = inside ?? uri.slice(uri.lastIndexOf('/') + 1);
    try {
      return decodeURIComponent(path);
    } catch {
      return path;
    }
  }
}
