"""Builds next-edit cases from a git history: each case is a file part-way through a real commit.

A case replays one modified file of one commit: its hunks are applied top to bottom, `history` holds the
file before each of the hunks already made (oldest first), `current` the file now, `cursor` the end of
the last hunk made, and `remaining` the hunks still to come, as half-open line ranges of `current`.

Usage: cut_cases.py OUT.jsonl.gz MAX_PER_REPO REPO[=NAME]...
"""
import difflib, gzip, json, random, subprocess, sys

LANGS = {'.ts': 'typescript', '.tsx': 'typescriptreact', '.js': 'javascript', '.mjs': 'javascript', '.py': 'python',
         '.rs': 'rust', '.go': 'go', '.lua': 'lua', '.c': 'c', '.h': 'c', '.cpp': 'cpp', '.java': 'java', '.el': 'emacs-lisp'}
SKIP = ('vendor/', 'node_modules/', 'dist/', 'third_party/', '.min.', 'fixtures/', 'generated', 'snapshots', 'lsp-protocol')


def git(repo, *args):
    return subprocess.run(['git', '-C', repo, *args], capture_output=True, check=True).stdout


def blob(repo, rev, path):
    try:
        return git(repo, 'show', f'{rev}:{path}').decode('utf-8')
    except (subprocess.CalledProcessError, UnicodeDecodeError):
        return None


def hunks(a, b):
    ops = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(i1, i2, b[j1:j2]) for tag, i1, i2, j1, j2 in ops if tag != 'equal']


def squash(lines):
    return ''.join(''.join(lines).split())


def case(repo, name, rev, path, lang, rng):
    before, after = blob(repo, f'{rev}^', path), blob(repo, rev, path)
    if before is None or after is None or not (200 < len(before) < 24000) or len(after) > 24000 or '\r' in before + after:
        return None
    a, b = before.split('\n'), after.split('\n')
    hs = hunks(a, b)
    if not 2 <= len(hs) <= 12 or sum(i2 - i1 + len(n) for i1, i2, n in hs) > 80:
        return None
    if any(squash(a[i1:i2]) == squash(n) for i1, i2, n in hs):  # formatting only
        return None
    k = rng.randint(1, len(hs) - 1)
    states, cur, off = [], a, 0
    for i1, i2, new in hs[:k]:
        states.append('\n'.join(cur))
        cur = cur[:i1 + off] + new + cur[i2 + off:]
        off += len(new) - (i2 - i1)
    last_line = max(hs[k - 1][0] + off - (len(hs[k - 1][2]) - (hs[k - 1][1] - hs[k - 1][0])) + len(hs[k - 1][2]) - 1, 0)
    cursor = sum(len(l) + 1 for l in cur[:last_line]) + len(cur[last_line]) if last_line < len(cur) else 0
    remaining = [{'start': i1 + off, 'end': i2 + off, 'lines': new} for i1, i2, new in hs[k:]]
    return {'id': f'{name}@{rev[:10]}:{path}#{k}', 'lang': lang, 'path': path, 'history': states[-4:], 'current': '\n'.join(cur),
            'cursor': cursor, 'remaining': remaining}


def main(out, limit, repos):
    total = 0
    with gzip.open(out, 'wt') as f:
        for spec in repos:
            repo, _, name = spec.partition('=')
            rng = random.Random(name)
            revs = git(repo, 'log', '--no-merges', '--format=%H', '--diff-filter=M').decode().split()
            rng.shuffle(revs)
            n = 0
            for rev in revs:
                if n >= limit:
                    break
                try:
                    files = git(repo, 'diff-tree', '--no-commit-id', '-r', '--diff-filter=M', '--name-only', rev).decode().split('\n')
                except subprocess.CalledProcessError:
                    continue
                files = [p for p in files if p and not any(s in p for s in SKIP) and any(p.endswith(e) for e in LANGS)]
                if not files or len(files) > 12:
                    continue
                path = rng.choice(files)
                lang = next(v for e, v in LANGS.items() if path.endswith(e))
                c = case(repo, name, rev, path, lang, rng)
                if c:
                    f.write(json.dumps(c) + '\n')
                    n += 1
            print(name, n, flush=True)
            total += n
    print('cases', total)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
