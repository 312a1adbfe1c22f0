"""Builds next-edit cases from a git history: each case is a file part-way through a real commit.

A case replays one modified file of one commit: its hunks are applied top to bottom, `history` holds the
file before each of the hunks already made (oldest first), `current` the file now, `cursor` the end of
the last hunk made, and `remaining` the hunks still to come, as half-open line ranges of `current`.

--lines: as edits are made, line by line. A hunk in which every line became one like it counts as one hunk a line:
the case may lie in its middle, and any run of its lines may come next. Commits with a single hunk take part.
--finished: the file after the last hunk, so that nothing remains; `set` says whether the commit changed `one` hunk
of it or this is the `last` state of several, and MAX_PER_REPO holds for either. `hunks` is how many there were.

Usage: cut_cases.py [--lines | --finished] OUT.jsonl.gz MAX_PER_REPO REPO=NAME...
The same call cuts the same cases: NAME is in their ids, and seeds what is drawn by chance.
"""
import argparse, difflib, gzip, json, random, subprocess

LANGS = {'.ts': 'typescript', '.tsx': 'typescriptreact', '.js': 'javascript', '.mjs': 'javascript', '.py': 'python',
         '.rs': 'rust', '.go': 'go', '.lua': 'lua', '.c': 'c', '.h': 'c', '.cpp': 'cpp', '.java': 'java', '.el': 'emacs-lisp'}
SKIP = ('vendor/', 'node_modules/', 'dist/', 'third_party/', '.min.', 'fixtures/', 'generated', 'snapshots', 'lsp-protocol')
# No run of lines longer than this is expected at once; lines less alike than LIKE did not become one another.
MAX_RUN, LIKE = 12, 0.5
# How many commits are looked through for finished states.
MAX_COMMITS = 1500


class Repository:
    """A git repository, its files read through one `git cat-file --batch`."""

    def __init__(self, path):
        self.path = path
        self.files = subprocess.Popen(['git', '-C', path, 'cat-file', '--batch'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def git(self, *args, input=None):
        return subprocess.run(['git', '-C', self.path, *args], input=input, capture_output=True, check=input is None).stdout

    def commits(self):
        return self.git('log', '--no-merges', '--format=%H', '--diff-filter=M').decode().split()

    def modified(self, revs, at_once=50):
        """Each commit with the paths of the files that it modifies."""
        for i in range(0, len(revs), at_once):
            paths = {rev: [] for rev in revs[i:i + at_once]}
            listed = self.git('diff-tree', '--stdin', '-r', '--diff-filter=M', '--name-only', input=''.join(f'{rev}\n' for rev in paths).encode())
            rev = None
            for line in filter(None, listed.decode('utf-8', 'replace').split('\n')):
                if line in paths:
                    rev = line
                else:
                    paths[rev].append(line)
            yield from paths.items()

    def read(self, rev, path):
        self.files.stdin.write(f'{rev}:{path}\n'.encode())
        self.files.stdin.flush()
        head = self.files.stdout.readline().split()
        if len(head) != 3 or head[1] != b'blob':
            return None
        data = self.files.stdout.read(int(head[2]) + 1)[:-1]
        try:
            return data.decode('utf-8')
        except UnicodeDecodeError:
            return None

    def close(self):
        self.files.stdin.close()
        self.files.wait()


def hunks(a, b):
    ops = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(i1, i2, b[j1:j2]) for tag, i1, i2, j1, j2 in ops if tag != 'equal']


def squash(lines):
    return ''.join(''.join(lines).split())


def change(before, after, least):
    """The lines before, and the hunks that lead from them to those after; None where it makes no case."""
    if before is None or after is None or not (200 < len(before) < 24000) or len(after) > 24000 or '\r' in before + after:
        return None
    a, b = before.split('\n'), after.split('\n')
    hs = hunks(a, b)
    if not least <= len(hs) <= 12 or sum(i2 - i1 + len(n) for i1, i2, n in hs) > 80:
        return None
    if any(squash(a[i1:i2]) == squash(n) for i1, i2, n in hs):  # formatting only
        return None
    return a, hs


def made(a, hs):
    """The texts before each of the hunks, oldest first, the lines after them, the cursor, and how far what follows has moved."""
    states, cur, off = [], a, 0
    for i1, i2, new in hs:
        states.append('\n'.join(cur))
        cur = cur[:i1 + off] + new + cur[i2 + off:]
        off += len(new) - (i2 - i1)
    i1, i2, new = hs[-1]
    last_line = max(i1 + off - (len(new) - (i2 - i1)) + len(new) - 1, 0)
    cursor = sum(len(l) + 1 for l in cur[:last_line]) + len(cur[last_line]) if last_line < len(cur) else 0
    return states, cur, cursor, off


def part_way(a, hs, k, runs):
    states, cur, cursor, off = made(a, hs[:k])
    remaining = [{'start': i1 + off, 'end': i2 + off, 'lines': lines} for i1, i2, lines in runs(hs[k:])]
    return {'history': states[-4:], 'current': '\n'.join(cur), 'cursor': cursor, 'remaining': remaining}


def plain(a, hs, rng):
    k = rng.randint(1, len(hs) - 1)
    return f'#{k}', part_way(a, hs, k, lambda left: left)


def by_line(a, hs, rng):
    ps = pieces(a, hs)
    if len(ps) < 2:
        return None
    k = rng.randint(1, len(ps) - 1)
    return f'#{k}', part_way(a, ps, k, runs)


def pieces(a, hs):
    """The hunks, line by line where each line became one like it."""
    out = []
    for i1, i2, new in hs:
        old = a[i1:i2]
        if len(old) == len(new) > 1 and all(like(x, y) for x, y in zip(old, new)):
            out += [(i1 + k, i1 + k + 1, [new[k]]) for k in range(len(new)) if old[k] != new[k]]
        else:
            out.append((i1, i2, new))
    return out


def like(a, b):
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio() >= LIKE


def runs(left):
    """Every piece, and every run of touching ones that leave the number of lines as it is."""
    out = []
    for x, (i1, i2, new) in enumerate(left):
        out.append((i1, i2, new))
        end, lines = i2, new
        for j1, j2, more in left[x + 1:x + MAX_RUN]:
            if j1 != end or len(new) != i2 - i1 or len(more) != j2 - j1:
                break
            end, lines = j2, lines + more
            out.append((i1, end, lines))
    return out


def finished(a, hs, rng):
    return '', part_way(a, hs, len(hs), lambda left: left) | {'hunks': len(hs)}


# How a state is chosen, the fewest hunks of a commit, and what is added to the seed.
WAYS = {'plain': (plain, 2, ''), 'lines': (by_line, 1, ''), 'finished': (finished, 1, 'finished')}


def cases(repo, name, way, limit):
    choose, least, seed = WAYS[way]
    rng = random.Random(name + seed)
    revs = repo.commits()
    rng.shuffle(revs)
    counts = {'one': 0, 'last': 0} if way == 'finished' else {'': 0}
    for rev, paths in repo.modified(revs[:MAX_COMMITS] if way == 'finished' else revs):
        if all(n >= limit for n in counts.values()):
            break
        files = [p for p in paths if not any(s in p for s in SKIP) and any(p.endswith(e) for e in LANGS)]
        if not files or len(files) > 12:
            continue
        path = rng.choice(files)
        lang = next(v for e, v in LANGS.items() if path.endswith(e))
        found = change(repo.read(f'{rev}^', path), repo.read(rev, path), least)
        if not found:
            continue
        kind = '' if way != 'finished' else 'one' if len(found[1]) == 1 else 'last'
        case = choose(*found, rng) if counts[kind] < limit else None
        if not case:
            continue
        counts[kind] += 1
        id = f'{name}@{rev[:10]}:{path}{case[0]}'
        yield {'id': id} | ({'set': kind} if kind else {}) | {'lang': lang, 'path': path} | case[1]


def main():
    parser = argparse.ArgumentParser()
    way = parser.add_mutually_exclusive_group()
    way.add_argument('--lines', action='store_const', dest='way', const='lines', default='plain', help='line by line')
    way.add_argument('--finished', action='store_const', dest='way', const='finished', help='states in which nothing remains')
    parser.add_argument('out')
    parser.add_argument('limit', type=int)
    parser.add_argument('repos', nargs='+', metavar='REPO=NAME')
    args = parser.parse_args()
    total = 0
    with gzip.open(args.out, 'wt') as f:
        for spec in args.repos:
            path, _, name = spec.partition('=')
            repo, n = Repository(path), 0
            for case in cases(repo, name, args.way, args.limit):
                f.write(json.dumps(case) + '\n')
                n += 1
            repo.close()
            print(name, n, flush=True)
            total += n
    print('cases', total)


if __name__ == '__main__':
    main()
