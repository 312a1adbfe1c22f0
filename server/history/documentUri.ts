import path from 'node:path';

/** The longest path in any file system, in UTF-16 code units. */
export const maxUriLength = 8192;

interface UriParts {
  readonly scheme: string;
  readonly authority: string | undefined;
  /** Not decoded, unlike the other parts. */
  readonly path: string;
  /** `?` and everything after it, with the fragment. */
  readonly rest: string;
}

/** RFC 3986, section 3. A scheme of one letter is a drive. */
function parse(uri: string): UriParts {
  const [, scheme = '', authority, pathPart = '', rest = ''] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]+):)?(?:\/\/([^/?#]*))?([^?#]*)([\s\S]*)$/.exec(uri) ?? [];
  return { scheme: scheme.toLowerCase(), authority, path: pathPart, rest };
}

/**
 * A URI in one canonical spelling: normalises percent-encodings, the case of the scheme and of the drive letter,
 * `localhost`, and, in file paths, `.`, `..` and doubled slashes. For comparing, not for sending.
 */
export function canonicalUri(uri: string): string {
  if (uri.length > maxUriLength) return uri;
  const { scheme, authority, path: raw, rest } = parse(uri);
  const isFile = scheme === 'file';
  const names = raw.split('/').map(canonicalName).join('/');
  const drive = names.replace(/^\/([A-Za-z])%3A/, (_, letter: string) => `/${letter.toLowerCase()}%3A`);
  const host = authority?.toLowerCase();
  const place =
    isFile && (host ?? 'localhost') === 'localhost' ? '//' : host === undefined ? '' : `//${canonicalName(host)}`;
  const normal = isFile && drive.startsWith('/') ? path.posix.normalize(drive) : drive;
  return `${scheme}:${place}${normal}${rest.slice(0, 1)}${canonicalName(rest.slice(1))}`;
}

/** The decoded paths that a URI refers to: absolute file paths if it has any, otherwise its name. */
export function pathsOf(uri: string): string[] {
  return [...new Set(candidates(uri, 0))].filter((name) => name !== '');
}

function* candidates(uri: string, depth: number): Generator<string> {
  const { scheme, authority = '', path: raw, rest } = parse(uri);
  const whole = raw.split('/').map(decoded).join('/');
  // `jar:file:///a.jar!/b`
  if (scheme !== '' && depth < 3 && /^[A-Za-z][A-Za-z0-9+.-]+:\//.test(whole)) yield* candidates(whole, depth + 1);
  yield localPath(whole, scheme === 'file' ? authority : '');
  // Some clients do not encode `?` and `#` in a file's name.
  if (scheme === 'file' && rest !== '') yield localPath(whole + decoded(rest), authority);
  // A file in an archive is as secret as the archive.
  const archive = /^(.+?)(?:::|!\/)/s.exec(whole)?.[1];
  if (archive !== undefined) yield localPath(archive, authority);
  // VS Code's `git:/work/a.ts.git?{"path":"/work/a.ts","ref":"~"}`
  const named = scheme === 'git' ? /"path":("(?:[^"\\]|\\.)*")/.exec(decoded(rest))?.[1] : undefined;
  if (named !== undefined) yield localPath(unquoted(named), '');
}

/** The path as this machine writes it: RFC 8089, appendix E, for drives and for other hosts. */
function localPath(name: string, authority: string): string {
  if (process.platform !== 'win32') return name;
  const drive = name.replace(/^\/(?=[A-Za-z]:)/, '');
  const there = authority === '' || authority.toLowerCase() === 'localhost' ? drive : `//${authority}${drive}`;
  return there.replaceAll('/', '\\');
}

function canonicalName(name: string): string {
  try {
    return encodeURIComponent(decoded(name));
  } catch {
    return name;
  }
}

/** Leaves invalid percent-encodings unchanged. */
function decoded(name: string): string {
  return name.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes.toUpperCase();
    }
  });
}

function unquoted(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return '';
  }
}
