import { contentReason } from '../history/contentRules.ts';
import { Exclusion } from '../history/exclusion.ts';
import { findSecrets, mask, maskSecrets, type SecretSpan, union } from '../history/secretSpans.ts';
import { defaultSettings } from '../settings/settings.ts';

/** A secret shorter than this is hidden where it was found, and not wherever else the same characters stand. */
const minRecurring = 8;
const hiddenAlready = /^[x\s"'`\\]*$/;

/** What must not become training data by its name or its content: the rules that prompts go by. */
export class DataExclusion {
  // Names are those of a repository, not of this machine: what git ignores here says nothing about them.
  readonly #exclusion = new Exclusion({ ...defaultSettings, 'exclude.gitignored': false });

  /** Why the file is left out, in a few words, or undefined. `path` is relative, with forward slashes. */
  nameReason(path: string): string | undefined {
    const reason = vendored.test(path) ? 'vendored or generated, by its path' : undefined;
    return reason ?? this.#exclusion.nameReason(`data:${path.split('/').map(encodeURIComponent).join('/')}`);
  }

  contentReason(text: string): string | undefined {
    return contentReason(text, { minified: true });
  }
}

/** Folders of code that nobody edits where it lies, and of texts that tools write. */
const vendored =
  /(?:^|\/)(?:vendor(?:ed)?|third[_-]?party|node_modules|bower_components|dist|deps|external|extern|snapshots|__snapshots__|fixtures|testdata|generated|gen|_build)\/|\.min\.|(?:^|[._-])generated[._]|\.pb\.|_pb2\.|\.snap$/i;

export interface Hidden {
  readonly texts: readonly string[];
  /** How many different secrets there were. */
  readonly count: number;
}

/**
 * The texts of one process without their secrets: as many `x`, as in prompts. A secret that is found in one text is hidden
 * in all of them, for what stands around it may show only there that it is one.
 */
export function hideSecrets(texts: readonly string[]): Hidden {
  const secrets = new Set<string>();
  const first = texts.map((text) => {
    const spans = findSecrets(text);
    for (const { start, end } of spans) secrets.add(text.slice(start, end));
    return mask(text, spans);
  });
  for (const secret of secrets) if (hiddenAlready.test(secret)) secrets.delete(secret);
  if (secrets.size === 0) return { texts: first, count: 0 };
  const recurring = [...secrets].filter((secret) => secret.length >= minRecurring);
  return { texts: first.map((text) => mask(text, occurrences(text, recurring))), count: secrets.size };
}

function occurrences(text: string, secrets: readonly string[]): SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const secret of secrets) {
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) {
      spans.push({ start: at, end: at + secret.length });
    }
  }
  return union(spans);
}

export { maskSecrets };
