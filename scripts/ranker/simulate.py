"""Writes cases of simulated everyday edits, made on files of git repositories (see README.md, "Simulated editing").

Usage: simulate.py OUT_DIR PER_REPO REPO=NAME...
Writes OUT_DIR/NAME.jsonl.gz for every repository; the same call writes the same cases.
"""
from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter

from sim import operations
from sim.tree import LANGS, MARKUP, Doc, window

SKIP = ('vendor/', 'node_modules/', 'dist/', 'third_party/', '.min.', 'generated', 'snapshots', 'lsp-protocol', 'locales/', 'CHANGELOG')
MAX_BYTES, MAX_LINES = 60_000, 400


def git_dir(repo: str) -> str:
    return repo if os.path.exists(os.path.join(repo, 'HEAD')) else os.path.join(repo, '.git')


def paths(repo: str) -> list[tuple[str, str]]:
    """Blob ids and paths of the files at HEAD that have a known language."""
    listing = subprocess.run(['git', f'--git-dir={git_dir(repo)}', 'ls-tree', '-r', '-z', 'HEAD'], capture_output=True, check=True).stdout
    out = []
    for entry in listing.decode('utf-8', 'replace').split('\0'):
        if not entry.startswith('100'):
            continue
        meta, path = entry.split('\t', 1)
        if ending(path) in LANGS and not any(s in path for s in SKIP):
            out.append((meta.split()[2], path))
    return out


def ending(path: str) -> str:
    base = path.rsplit('/', 1)[-1]
    return 'dockerfile' if base.lower().startswith('dockerfile') else base.rsplit('.', 1)[-1].lower()


class Blobs:
    """Reads blobs through one `git cat-file --batch`."""

    def __init__(self, repo: str):
        self.process = subprocess.Popen(['git', f'--git-dir={git_dir(repo)}', 'cat-file', '--batch'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, blob: str) -> str | None:
        self.process.stdin.write(blob.encode() + b'\n')
        self.process.stdin.flush()
        head = self.process.stdout.readline().split()
        if len(head) != 3:
            return None
        data = self.process.stdout.read(int(head[2]) + 1)[:-1]
        if not 80 < len(data) < MAX_BYTES or b'\r' in data or b'\0' in data or b'\x0c' in data or b'\xe2\x80\xa8' in data:
            return None
        try:
            return data.decode('utf-8')
        except UnicodeDecodeError:
            return None

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ordered(files: list[tuple[str, str]], rng: random.Random) -> list[tuple[str, str]]:
    """Code and markup mixed three to one, each in random order."""
    rng.shuffle(files)
    code = [f for f in files if LANGS[ending(f[1])][1] not in MARKUP]
    other = [f for f in files if LANGS[ending(f[1])][1] in MARKUP]
    # Not too many of one markup language.
    kept, seen = [], Counter()
    for f in other:
        seen[ending(f[1])] += 1
        if seen[ending(f[1])] <= 12:
            kept.append(f)
    out = []
    while code or kept:
        out += code[:3] + kept[:1]
        code, kept = code[3:], kept[1:]
    return out


def cases(repo: str, name: str, limit: int):
    rng = random.Random(name)
    blobs = Blobs(repo)
    counts: Counter = Counter()
    files = ordered(paths(repo), rng)
    written = 0
    for turn in range(3):
        for blob, path in files[:limit * 4]:
            if written >= limit:
                break
            text = blobs.read(blob)
            if text is None or max(map(len, text.split('\n'))) > 400:
                continue
            lang, grammar = LANGS[ending(path)]
            if grammar == 'c' and ending(path) == 'h' and re.search(r'^\s*(template\s*<|namespace |class \w+|#include <\w+>)|\w::\w', text, re.M):
                lang, grammar = 'cpp', 'cpp'
            whole = Doc(path, lang, grammar, text, f'{name}:{path}')
            docs = []
            if len(whole.lines) <= MAX_LINES and len(text) < 24000:
                docs.append(whole)
            small = [window(whole, rng) for _ in range(2)]
            docs += [d for d in small if d is not None and not d.root.error]
            if len(whole.lines) <= 80:
                docs.append(whole)
            rng.shuffle(docs)
            for number, doc in enumerate(docs[:2]):
                if grammar not in ('c', 'cpp', 'markdown', 'html', 'scss') and doc.root.error:
                    continue
                for attempt in range(2):
                    made = operations.one(doc, counts, rng)
                    for case in made:
                        counts[operations.group(case['set'])] += 1
                        case['id'] = f"{case['id']}#{turn}.{number}.{attempt}.{case['set']}.{written}"
                        written += 1
                        yield case
    blobs.close()


def main(out: str, limit: int, repos: list[str]) -> None:
    os.makedirs(out, exist_ok=True)
    total: Counter = Counter()
    for spec in repos:
        repo, _, name = spec.partition('=')
        name = name or os.path.basename(repo.rstrip('/'))
        here: Counter = Counter()
        with gzip.GzipFile(os.path.join(out, f'{name}.jsonl.gz'), 'wb', mtime=0) as f:
            for case in cases(repo, name, limit):
                f.write((json.dumps(case, ensure_ascii=False) + '\n').encode())
                here[case['set']] += 1
        total += here
        print(name, sum(here.values()), flush=True)
    for kind, count in sorted(total.items()):
        print(f'{kind:24}{count:7}')


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
