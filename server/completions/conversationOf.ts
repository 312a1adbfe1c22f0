import { takeBack } from '../../shared/completions/fileChanges.ts';
import type { ServedPrompt } from '../../shared/completions/servedPrompt.ts';
import type { Conversation, RelatedChange } from '../../shared/conversation/conversation.ts';
import { diffEdits } from '../../shared/edits/diff.ts';
import { languageIdOf } from '../../shared/languageId.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import { EditHistory } from '../history/editHistory.ts';
import { maskSecrets } from '../history/secretSpans.ts';
import type { Settings } from '../settings/settings.ts';

/** How many single edits an engine sees at most. */
const maxEdits = 8;
/** Changes in a prompt are edits of their own: further apart than typing that goes on. */
const apartMs = 60_000;

/**
 * What engines are asked for a prompt: the part of the file as the whole of it, what it was before each change that can be taken back,
 * and the other changes as those of other files. Secrets are masked, at the same offsets.
 */
export function conversationOf(
  { path, before, region, after, cursor, changes }: ServedPrompt,
  limits: Pick<Settings, 'history.maxSnapshots' | 'history.maxRelated'>,
): Conversation {
  const text = before + region + after;
  const offset = before.length + cursor;
  const cursorLine = new LineIndex(text).lineAt(offset);
  const related: RelatedChange[] = [];
  const versions = [text];
  for (const change of [...changes].reverse()) {
    const now = versions[0] ?? text;
    const earlier = change.path === path ? takeBack(now, change, cursorLine) : undefined;
    if (earlier !== undefined && earlier !== now) versions.unshift(earlier);
    else if (earlier === undefined) related.unshift(...asRelated(change.path, change.hunks));
  }

  const uri = `file:///${encodeURI(path)}`;
  const languageId = languageIdOf(path);
  const history = new EditHistory();
  const [oldest = text, ...later] = versions;
  history.open({ uri, path, languageId, text: oldest });
  for (const [i, version] of later.entries()) {
    // Backwards, so that the offsets of each hold when those before it are made.
    history.change(uri, diffEdits(versions[i] ?? '', version).reverse(), i * apartMs, version);
  }
  const current = history.current(uri) ?? { text, secrets: [] };
  const { 'history.maxRelated': maxRelated } = limits;
  const others = maxRelated > 0 ? related.slice(-maxRelated) : [];
  return {
    path,
    languageId,
    history: history.snapshots(uri, limits['history.maxSnapshots']),
    edits: history.edits(uri, maxEdits),
    current: current.text,
    ...(current.secrets.length > 0 ? { masked: current.secrets } : {}),
    target: { kind: 'cursor', offset },
    ...(others.length > 0 ? { related: others } : {}),
  };
}

function asRelated(path: string, hunks: ServedPrompt['changes'][number]['hunks']): RelatedChange[] {
  return hunks.map(({ oldLines, newLines }) => ({
    path,
    languageId: languageIdOf(path),
    before: maskSecrets(oldLines.join('\n')),
    after: maskSecrets(newLines.join('\n')),
  }));
}
