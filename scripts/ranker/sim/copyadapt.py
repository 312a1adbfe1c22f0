"""A block is pasted below itself and made to be about something else: the other words of the copy follow."""
from __future__ import annotations

import random
import re

from . import names as naming
from .case import Piece, apply, emit, runs
from .siblings import TOKEN
from .tree import Doc, blocks_of
from .migrate import like_nodes

BLOCKS = {'function_definition', 'function_declaration', 'method_definition', 'method_declaration', 'function_item', 'method', 'rule_set', 'block_mapping_pair', 'table',
          'expression_statement', 'call', 'class_definition', 'class_declaration', 'switch_case', 'match_arm', 'if_statement', 'struct_item', 'pair', 'type_declaration', 'element', 'call_expression',
          'decorated_definition', 'expression_case', 'section', 'object', 'table_constructor', 'composite_literal', 'case_statement', 'when_entry'}


def blocks(doc: Doc) -> list[tuple[int, int]]:
    out = set()
    for n in doc.root.walk():
        end = n.erow if n.ecol else n.erow - 1
        if n.type in BLOCKS and 1 <= end - n.row < 22 and not doc.raw[n.row][:n.col].strip() and doc.raw[end][n.ecol if n.ecol else len(doc.raw[end]):].strip() in (b'', b',', b';'):
            out.add((n.row, end + 1))
    return sorted(out)


def substitution(a: list[str], b: list[str]) -> dict[str, str] | None:
    """The words that, exchanged throughout, make the lines `a` the lines `b`."""
    if len(a) != len(b):
        return None
    swap: dict[str, str] = {}
    for x, y in zip(a, b):
        xs, ys = re.split(r'(\w+)', x), re.split(r'(\w+)', y)
        if len(xs) != len(ys):
            return None
        for p, q in zip(xs, ys):
            if p != q:
                if not re.fullmatch(r'\w+', p or ' ') or not re.fullmatch(r'\w+', q or ' ') or swap.get(p, q) != q:
                    return None
                swap[p] = q
            elif swap.get(p, p) != p:
                return None
    for word in swap:  # throughout: the word must not have stayed anywhere
        if any(re.search(rf'\b{re.escape(word)}\b', y) and not re.search(rf'\b{re.escape(word)}\b', '\n'.join(swap.values())) for y in b):
            return None
    return swap


def paste(doc: Doc, start: int, end: int) -> tuple[list[str], list[str], int]:
    """The text with the block twice, and the row where the copy begins."""
    block = doc.lines[start:end]
    gap = []
    at = end
    while at < len(doc.lines) and not doc.lines[at].strip():
        gap.append(doc.lines[at])
        at += 1
    if at == len(doc.lines):
        gap = gap[:-1] if gap else []
        if start and not doc.lines[start - 1].strip():
            gap = ['']
    lines = doc.lines[:end] + gap + block + doc.lines[end:]
    return lines, block, end + len(gap)


def copy_adapt(doc: Doc, rng: random.Random) -> list[dict]:
    found = blocks(doc)
    rng.shuffle(found)
    by_start = {s: (s, e) for s, e in found}
    for start, end in found[:20]:
        # A block below that is this one with other words: then the file itself tells how the copy goes on.
        nxt = end
        while nxt < len(doc.lines) and not doc.lines[nxt].strip():
            nxt += 1
        below = by_start.get(nxt)
        if below:
            swap = substitution(doc.lines[start:end], doc.lines[below[0]:below[1]])
            if swap and 1 <= len(swap) <= 4:
                case = real(doc, (start, end), below, swap, rng)
                if case:
                    return [case]
    rng.shuffle(found)
    for start, end in found[:8]:
        case = made_up(doc, start, end, rng)
        if case:
            return [case]
    return []


def changes(block: list[str], top: int, old: str, new: str) -> list[Piece]:
    return [Piece(top + i, top + i + 1, [re.sub(rf'(?<![\w$]){re.escape(old)}(?![\w$])', new, l)]) for i, l in enumerate(block)
            if re.search(rf'(?<![\w$]){re.escape(old)}(?![\w$])', l)]


def real(doc: Doc, one: tuple[int, int], two: tuple[int, int], swap: dict[str, str], rng: random.Random) -> dict | None:
    without = doc.lines[:one[1]] + doc.lines[two[1]:]
    block = doc.lines[one[0]:one[1]]
    top = two[0]
    pasted = doc.lines[:top] + block + doc.lines[two[1]:]
    pieces = [Piece(top + i, top + i + 1, [doc.lines[top + i]]) for i in range(len(block)) if doc.lines[top + i] != block[i]]
    if len(pieces) < 2:
        return None
    # Done until every word of the exchange has been shown once.
    shown: set[str] = set()
    done = 0
    for p in pieces:
        line = block[p.start - top]
        shown |= {w for w in swap if re.search(rf'\b{re.escape(w)}\b', line)}
        done += 1
        if shown >= set(swap):
            break
    if done >= len(pieces):
        return None
    states = [without, pasted] + [apply(pasted, pieces[:k]) for k in range(1, done + 1)]
    return emit(doc, 'copy-adapt', states, runs(pieces[done:], []))


def made_up(doc: Doc, start: int, end: int, rng: random.Random) -> dict | None:
    """The name of the block (a word of its first line that stands in it again) becomes another one."""
    pasted, block, top = paste(doc, start, end)
    first = [m.group() for m in re.finditer(r'[A-Za-z_]\w{2,}', block[0])]
    outside = '\n'.join(doc.lines[:start] + doc.lines[end:])
    good = []
    for w in first:
        rows = [i for i, l in enumerate(block) if re.search(rf'(?<![\w$]){re.escape(w)}(?![\w$])', l)]
        # A word that the rest of the file does not have is the block's own.
        if len(rows) >= 2 and not re.search(rf'(?<![\w$]){re.escape(w)}(?![\w$])', outside):
            good.append(w)
    if not good:
        return None
    old = rng.choice(good)
    new = naming.fresh(old, doc.lang, doc.words(), rng, 'local')
    if not new:
        return None
    pieces = changes(block, top, old, new)
    done = 1 if rng.random() < 0.7 or len(pieces) == 2 else rng.randint(1, len(pieces) - 1)
    states = [doc.lines, pasted] + [apply(pasted, pieces[:k]) for k in range(1, done + 1)]
    if rng.random() < 0.15:
        return emit(doc, 'finished', states[:2] + [apply(pasted, pieces[:k]) for k in range(1, len(pieces) + 1)], [])
    return emit(doc, 'copy-adapt', states, runs(pieces[done:], []))
