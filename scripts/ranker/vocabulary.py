"""Counts the parts of names in source files and writes the commonest ones, for telling a whole word from half of one.

Usage: vocabulary.py server/engines/pattern/words.json REPO...

`words`: parts of names in lower case, sorted, each followed by one letter: `a` for the rarest, each next letter for
twice as many files. A part counts once a file, only where it stands in at least MIN_REPOS repositories, so that no
project's own words are in it. Minified and vendored files are left out.
"""
import collections, json, math, re, subprocess, sys

MIN_REPOS, WORDS, MAX_FILES, MAX_SIZE = 6, 8000, 400, 60_000
SUFFIXES = tuple('.ts .tsx .js .mjs .py .rs .go .lua .c .h .cpp .java .el .rb .php .kt .cs .swift .scala .css'.split())
SKIP = ('vendor/', 'node_modules/', 'dist/', 'third_party/', '.min.', 'generated', 'snapshots', 'locale', 'i18n')
PART = re.compile(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+')


def files(repo):
    names = subprocess.run(['git', '-C', repo, 'ls-tree', '-r', '--name-only', 'HEAD'], capture_output=True, check=True).stdout
    paths = [p for p in names.decode('utf-8', 'replace').split('\n') if p.endswith(SUFFIXES) and not any(s in p for s in SKIP)]
    step = max(1, len(paths) // MAX_FILES)
    asked = ''.join(f'HEAD:{p}\n' for p in paths[::step])
    out = subprocess.run(['git', '-C', repo, 'cat-file', '--batch'], input=asked.encode(), capture_output=True, check=True).stdout
    at = 0
    while at < len(out):
        end = out.index(b'\n', at)
        head = out[at:end].split()
        if len(head) != 3:
            at = end + 1
            continue
        size = int(head[2])
        if size <= MAX_SIZE:
            yield out[end + 1:end + 1 + size].decode('utf-8', 'replace')
        at = end + size + 2


def main(out, *repos):
    in_files, in_repos = collections.Counter(), collections.Counter()
    for repo in repos:
        here = set()
        for text in files(repo):
            parts = {p.lower() for p in PART.findall(text) if 1 < len(p) <= 20}
            in_files.update(parts)
            here |= parts
        in_repos.update(here)
    known = [w for w, _ in in_files.most_common() if in_repos[w] >= MIN_REPOS][:WORDS]
    least = min(in_files[w] for w in known)
    letter = lambda w: chr(ord('a') + min(25, int(math.log2(in_files[w] / least))))
    with open(out, 'w') as f:
        json.dump({'words': ' '.join(w + letter(w) for w in sorted(known))}, f)
        f.write('\n')
    print(len(known), 'words, the rarest in', least, 'files')


if __name__ == '__main__':
    main(*sys.argv[1:])
