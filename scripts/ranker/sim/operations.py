"""Which kinds of edits there are, how many of each are wanted, and which comes next."""
from __future__ import annotations

import random
from collections import Counter

from .copyadapt import copy_adapt
from .forms import forms
from .halftyped import half_typed_line
from .markup import markup
from .migrate import migration
from .pasted import pasted
from .rename import rename
from .siblings import siblings
from .signature import signature
from .silence import silence
from .tree import Doc

WANTED = {'rename': (0.32, rename), 'forms': (0.03, forms), 'silence': (0.2, silence), 'migration': (0.15, migration), 'signature': (0.08, signature),
          'siblings': (0.07, siblings), 'copy': (0.06, copy_adapt), 'half': (0.06, half_typed_line), 'pasted': (0.04, pasted), 'markup': (0.04, markup)}
GROUPS = {'finished': 'rename', 'typing': 'rename', 'rename-forms': 'forms', 'rename-prefix': 'forms'}

MISS = 0.12


def group(kind: str) -> str:
    return GROUPS.get(kind) or kind.split('-')[0]


def one(doc: Doc, counts: Counter, rng: random.Random) -> list[dict]:
    """Cases of one edit of the document: of the kind that is most behind, or of the next one that it allows."""
    total = sum(counts.values()) + 1
    order = sorted(WANTED, key=lambda k: counts[k] / total / WANTED[k][0] + rng.random() * 0.3)
    for kind in order[:6]:
        made = WANTED[kind][1](doc, rng)
        if made:
            return made
        counts[kind] += MISS  # or what a repository hardly allows would be tried on every file
    return []
