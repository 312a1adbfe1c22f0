"""Which kinds of edits there are, how many of each are wanted, and which comes next."""
from __future__ import annotations

import random
from collections import Counter

from .rename import rename
from .silence import silence
from .tree import Doc

WANTED = {'rename': (0.35, rename), 'silence': (0.2, silence)}


def group(kind: str) -> str:
    return 'rename' if kind.split('-')[0] in ('rename', 'finished', 'typing') else kind.split('-')[0]


def one(doc: Doc, donors: list[Doc], counts: Counter, rng: random.Random) -> list[dict]:
    """Cases of one edit of the document: of the kind that is most behind, or of the next one that it allows."""
    total = sum(counts.values()) + 1
    order = sorted(WANTED, key=lambda k: counts[k] / total / WANTED[k][0] + rng.random() * 0.6)
    for kind in order[:5]:
        operation = WANTED[kind][1]
        made = operation(doc, rng)
        if made:
            return made
    return []
