"""A new file, or a block of it, comes in at once, and then is worked on: what was pasted is no pattern to follow."""
from __future__ import annotations

import random

from .rename import rename
from .migrate import migration
from .tree import Doc, blocks_of


def pasted(doc: Doc, rng: random.Random) -> list[dict]:
    if len(doc.lines) > 150:
        return []
    made = rename(doc, rng) if rng.random() < 0.75 else migration(doc, rng)
    out = []
    for case in made:
        base = case['history'][0]
        if base != doc.text:
            continue
        if rng.random() < 0.6:
            before = ['']
            if rng.random() < 0.3:
                blocks = blocks_of(doc.root, doc)
                if blocks and blocks[0][1] < len(doc.lines) - 3:
                    before.append('\n'.join(doc.lines[:blocks[0][1]]) + '\n')
        else:
            other = case['history'][1] if len(case['history']) > 1 else case['current']
            rows = [r for r, (a, b) in enumerate(zip(base.split('\n'), other.split('\n'))) if a != b]
            block = next(((a, b) for a, b in blocks_of(doc.root, doc) if rows and a <= rows[0] < b), None)
            if block is None:
                continue
            before = ['\n'.join(doc.lines[:block[0]] + doc.lines[block[1]:])]
        case['history'] = (before + case['history'])[-8:]
        case['set'] = 'pasted'
        out.append(case)
    return out
