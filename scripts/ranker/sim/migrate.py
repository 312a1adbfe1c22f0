"""One change made in several like places: the first one or two are done, the others remain."""
from __future__ import annotations

import random

from .call_changes import argument, other_path, wrap
from .case import Piece, apply, plan
from .declaration_changes import delete_like, first_line_in, line_above, modifier, other_type
from .literal_changes import host, key, literal
from .rename import typing_state
from .rewrites import rewrite
from .tree import Doc, build

WAYS = [(other_path, 2.2), (wrap, 1.5), (argument, 1.6), (other_type, 1.3), (modifier, 1.2), (line_above, 0.9), (first_line_in, 0.3), (delete_like, 1), (literal, 1.8), (host, 1.2), (rewrite, 3), (key, 1.3)]


def cases_of(doc: Doc, kind: str, pieces: list[Piece], pair: bool, rng: random.Random) -> list[dict]:
    pieces = [p for p in pieces if doc.lines[p.start:p.end] != p.lines]
    need = 2 if pair else 1
    if not need < len(pieces) <= 16:
        return []
    done = need if rng.random() < 0.65 else rng.randint(need, min(len(pieces), need + 3))
    at = 0 if rng.random() < 0.85 else rng.randrange(len(pieces))
    order = pieces[at:] + pieces[:at]
    made, todo = order[:done], order[done:]
    case = plan(doc, kind if todo else 'finished', made, todo)
    out = [case] if case else []
    if rng.random() < 0.15 and made[-1].lines:
        half = typing_state(doc, made, rng)
        if half:
            out.append(half)
    return out


def migration(doc: Doc, rng: random.Random) -> list[dict]:
    for _ in range(6):
        way = rng.choices([w for w, _ in WAYS], [k for _, k in WAYS])[0]
        found = way(doc, rng)
        if found and (doc.root.error or not build(doc.grammar, '\n'.join(apply(doc.lines, found[0])).encode()).error):
            out = cases_of(doc, f'migration-{found[2]}', found[0], found[1], rng)
            if out:
                return out
    return []
