"""A name that has lines in several places beside those of a sibling: where it is added in one place, the others follow."""
from __future__ import annotations

import random
import re
from collections import defaultdict

from .case import Piece, plan
from .names import words
from .tree import Doc

TOKEN = re.compile(r'[A-Za-z_$@][\w$]*(?:-[A-Za-z]\w*)*')


def norm(token: str) -> str:
    return re.sub(r'[^a-z0-9]', '', token.lower())


def form_of(token: str) -> str:
    core = token.strip('_$@')
    return ('U' if core.isupper() and len(core) > 1 else 'P' if core[:1].isupper() else 'l') + ('_' if '_' in core else '-' if '-' in core else '')


def template(line: str, name: str) -> str | None:
    """The line with every form of `name` blotted out; None where the name is not in it."""
    hit = False

    def blot(m: re.Match) -> str:
        nonlocal hit
        token = m.group()
        if norm(token) == name:
            hit = True
            return f'\0{form_of(token)[0]}'
        low = token.lower()
        for front in ('get', 'set', 'is', 'has', 'with', 'on', 'm_', '_', 'by', 'to_', 'add', 'parse', 'test_'):
            if low.startswith(front) and norm(token[len(front):]) == name:
                hit = True
                return f'{token[:len(front)]}\0{form_of(token[len(front):])[0]}'
        return token

    out = TOKEN.sub(blot, line)
    return out if hit else None


def rows_of(doc: Doc, name: str) -> list[int]:
    """Rows that have the name in any form, also as a part of another word."""
    return [r for r, l in enumerate(doc.lines) if name in re.sub(r'[_\-]', '', l.lower())]


def balanced(line: str) -> bool:
    return all(line.count(a) == line.count(b) for a, b in ('()', '[]', '{}')) and line.count('"') % 2 == 0


def siblings(doc: Doc, rng: random.Random) -> list[dict]:
    if len(doc.lines) > 400:
        return []
    places: dict[str, set[int]] = defaultdict(set)
    for r, line in enumerate(doc.lines):
        for m in TOKEN.finditer(line):
            n = norm(m.group())
            if len(n) >= 3:
                places[n].add(r)
    names = [n for n, rows in places.items() if 2 <= len(rows) <= 6]
    rng.shuffle(names)
    for name in names[:60]:
        case = added(doc, name, places, rng)
        if case:
            return [case]
    return []


def added(doc: Doc, name: str, places: dict[str, set[int]], rng: random.Random) -> dict | None:
    rows = rows_of(doc, name)
    if not 2 <= len(rows) <= 10 or len(rows) != len(set(rows)):
        return None
    own = {r: template(doc.lines[r], name) for r in rows}
    if any(t is None or name in re.sub(r'[_\-]', '', t.lower()) for t in own.values()):
        return None
    # The sibling: a word that stands on the line above or below in the first place, and whose line is as this one.
    first = rows[0]
    near = [r for r in (first - 1, first + 1) if 0 <= r < len(doc.lines)]
    for r in near:
        for m in TOKEN.finditer(doc.lines[r]):
            other = norm(m.group())
            if len(other) >= 3 and other != name and len(places.get(other, ())) >= 2 and other not in name and name not in other:
                pieces = parallel(doc, name, other, rows, own)
                if pieces:
                    made, todo = pieces[:1], pieces[1:]
                    if len(todo) > 1 and rng.random() < 0.35:
                        made, todo = pieces[:2], pieces[2:]
                    return finish(doc, made, todo)
    return None


def parallel(doc: Doc, name: str, other: str, rows: list[int], own: dict[int, str]) -> list[tuple[int, int]] | None:
    """Line ranges of `name`, each with a like range of `other` right above or below it; None where a line has none."""
    left = list(rows)
    out = []
    while left:
        r = left[0]
        found = None
        for size in range(1, 7):
            for start in (r - size, r + size):
                if start < 0 or max(start, r) + size > len(doc.lines):
                    continue
                pair = [(template(doc.lines[r + i], name) or doc.lines[r + i], template(doc.lines[start + i], other) or doc.lines[start + i]) for i in range(size)]
                if all(a == b for a, b in pair) and template(doc.lines[start], other) is not None and doc.lines[r].strip():
                    found = (r, r + size)
                    break
                if not out and size == 1 and abs(start - r) == 1 and template(doc.lines[start], other) is not None and loose(own[r]) == loose(template(doc.lines[start], other)):
                    found = (r, r + 1)  # the declaration may differ in its type or value
                    break
            if found:
                break
        if not found:
            return None
        text = '\n'.join(doc.lines[found[0]:found[1]])
        if not all(text.count(a) == text.count(b) for a, b in ('()', '[]', '{}')):
            return None
        out.append(found)
        left = [x for x in left if x >= found[1]]
    return out if len(out) >= 2 and all(b[0] > a[1] for a, b in zip(out, out[1:])) else None


def loose(line: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|[\w.]+", 'a', re.sub(r'\0\w', '\0', line.strip()))


def finish(doc: Doc, made: list[tuple[int, int]], todo: list[tuple[int, int]]) -> dict | None:
    gone: set[int] = {r for a, b in [*made, *todo] for r in range(a, b)}
    base = [l for r, l in enumerate(doc.lines) if r not in gone]

    def piece(a: int, b: int) -> Piece:
        at = a - sum(1 for g in gone if g < a)
        return Piece(at, at, doc.lines[a:b])

    return plan(doc, 'siblings', [piece(a, b) for a, b in made], [piece(a, b) for a, b in todo], base=base)
