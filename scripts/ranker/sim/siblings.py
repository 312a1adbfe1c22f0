"""A name that has lines in several places beside those of a sibling: where it is added in one place, the others follow."""
from __future__ import annotations

import random
import re
from collections import defaultdict

from .case import Piece, plan
from .tree import Doc

TOKEN = re.compile(r'[A-Za-z_$@][\w$]*(?:-[A-Za-z]\w*)*')
FRONTS = ('get', 'set', 'm_', '_', 'with_', 'to_', 'test_', 'test')
WORDS = set('self this return const let var def fn func int string str bool void if else for in true false null none nil import from type case break public private'.split())

# A line that begins with the name, words of a declaration aside.
DECLARES = re.compile(r'\s*(?:[\w<>\[\],.?:]+\s+){0,4}[*&$]?["\']?\0')


def norm(token: str) -> str:
    return re.sub(r'[^a-z0-9]', '', token.lower())


def form(token: str) -> str:
    core = token.strip('_$@')
    return 'U' if core.isupper() and len(core) > 1 else 'P' if core[:1].isupper() else 'l'


class Index:
    """Which rows have which names, in whatever form, and what a row is without one of them."""

    def __init__(self, doc: Doc):
        self.lines = doc.lines
        self.rows: dict[str, set[int]] = defaultdict(set)
        self.tokens: list[list[tuple[int, int, str, str]]] = []
        self.seen: dict[tuple[int, str], str] = {}
        for r, line in enumerate(doc.lines):
            here = []
            for m in TOKEN.finditer(line):
                token = m.group()
                here.append((m.start(), m.end(), norm(token), form(token)))
                low = token.lower()
                for front in FRONTS:
                    if low.startswith(front) and len(token) > len(front) + 2:
                        rest = token[len(front):]
                        here.append((m.start() + len(front), m.end(), norm(rest), form(rest)))
                        break
            self.tokens.append(here)
            for *_, n, _ in here:
                if len(n) >= 3 and n not in WORDS:
                    self.rows[n].add(r)

    def without(self, row: int, name: str) -> str:
        """The row with the name blotted out in all its forms; the row itself where the name is not in it."""
        if row not in self.rows.get(name, ()):
            return self.lines[row]
        key = (row, name)
        if key not in self.seen:
            line = self.lines[row]
            for a, b, n, f in sorted(self.tokens[row], reverse=True):
                if n == name:
                    line = f'{line[:a]}\0{f}{line[b:]}'
            self.seen[key] = line
        return self.seen[key]


def loose(line: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|[\w.]+", 'a', re.sub(r'\0\w', '\0', line.strip()))


def balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ('()', '[]', '{}'))


def siblings(doc: Doc, rng: random.Random) -> list[dict]:
    if doc.lang in ('markdown', 'html'):
        return []
    index = Index(doc)
    names = [n for n, rows in index.rows.items() if 2 <= len(rows) <= 8]
    rng.shuffle(names)
    for name in names[:30]:
        case = added(doc, index, name, rng)
        if case:
            return [case]
    return []


def added(doc: Doc, index: Index, name: str, rng: random.Random) -> dict | None:
    rows = sorted(index.rows[name])
    votes: dict[str, int] = defaultdict(int)
    for r in rows:
        near = {n for d in (-1, 1, -2, 2) if 0 <= r + d < len(doc.lines) for *_, n, _ in index.tokens[r + d] if n != name and len(n) >= 3 and n not in WORDS}
        for other in sorted(near):
            votes[other] += 1
    for other, count in sorted(votes.items(), key=lambda t: -t[1])[:4]:
        if count < 2 or other in name or name in other:
            continue
        pieces = parallel(index, name, other, rows)
        if pieces:
            made, todo = pieces[:1], pieces[1:]
            if len(todo) > 1 and rng.random() < 0.35:
                made, todo = pieces[:2], pieces[2:]
            return finish(doc, made, todo)
    return None


def parallel(index: Index, name: str, other: str, rows: list[int]) -> list[tuple[int, int]] | None:
    """Line ranges of `name`, each with a like range of `other` right above or below it. Rows that have none stay."""
    out: list[tuple[int, int]] = []
    done = -1
    for r in rows:
        if r < done or index.lines[r].lstrip()[:2] in ('//', '# ', '* ', '--', ';;', '/*', '#:') or not index.lines[r].strip():
            continue
        found = None
        for size in range(1, 6):
            for start in (r - size, r + size):
                if start < 0 or max(start, r) + size > len(index.lines) or start not in index.rows[other] or start < done:
                    continue
                if other in {n for *_, n, _ in index.tokens[r]}:
                    continue
                if all(index.without(r + i, name) == index.without(start + i, other) for i in range(size)):
                    found = (r, r + size)
                elif not out and size == 1 and loose(index.without(r, name)) == loose(index.without(start, other)) and DECLARES.match(index.without(r, name)):
                    found = (r, r + 1)  # the declaration may differ in its type or value
                if found:
                    break
            if found:
                break
        if found and balanced('\n'.join(index.lines[found[0]:found[1]])):
            # A line that only repeats the name as the whole of it (a word in a text) tells nothing.
            if re.search(r'[^\w\s\0]', index.without(r, name)):
                out.append(found)
                done = found[1]
    distinct = {index.without(a, name).strip() for a, _ in out}
    return out if 2 <= len(out) <= 6 and len(distinct) == len(out) and all(b[0] > a[1] for a, b in zip(out, out[1:])) else None


def finish(doc: Doc, made: list[tuple[int, int]], todo: list[tuple[int, int]]) -> dict | None:
    gone: set[int] = {r for a, b in [*made, *todo] for r in range(a, b)}
    base = [l for r, l in enumerate(doc.lines) if r not in gone]

    def piece(a: int, b: int) -> Piece:
        at = a - sum(1 for g in gone if g < a)
        return Piece(at, at, doc.lines[a:b])

    return plan(doc, 'siblings', [piece(a, b) for a, b in made], [piece(a, b) for a, b in todo], base=base)
