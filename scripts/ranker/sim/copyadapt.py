"""A block is pasted below itself and made to be about something else: the other words of the copy follow."""
from __future__ import annotations

import random
import re

from . import names as naming
from .case import Piece, apply, emit, runs
from .grammars import GRAMMARS
from .rename import names_of
from .tree import Doc

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
    for start, end in found[:30]:
        case = made_up(doc, start, end, rng)
        if case:
            return [case]
    return []


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


def subjects(doc: Doc, start: int, end: int) -> list[str]:
    """What the block is about: the name it declares, or what a test is called after."""
    out = []
    if doc.grammar in GRAMMARS:
        for uses in names_of(doc).by.values():
            for u in uses:
                if u.node.row != start or u.decl not in ('func', 'class', 'method', 'const', 'variant'):
                    continue
                body = [x for x in uses if start <= x.node.row < end and x is not u]
                if not any(x.role in ('member', 'method', 'key', 'kwarg') for x in body):
                    out.append(u.name)
                m = re.match(r'(?:[Tt]est_?|Benchmark|should_?)(\w{4,})$', u.name)
                if m and u.decl in ('func', 'method'):
                    out.append(m.group(1))
    elif doc.grammar in ('css', 'scss'):
        out += re.findall(r'[.#]([a-z][\w-]{3,})', doc.lines[start])
    return out


def made_up(doc: Doc, start: int, end: int, rng: random.Random) -> dict | None:
    """The name of the block becomes another one, and with it every word of the copy that means it."""
    pasted, block, top = paste(doc, start, end)
    good = []
    for w in subjects(doc, start, end):
        part = rf'(?<![A-Za-z0-9$]){re.escape(w)}(?![A-Za-z0-9])|(?<=Test){re.escape(w)}(?![A-Za-z0-9])|(?<=test){re.escape(w)}(?![A-Za-z0-9])'
        if len([1 for l in block if re.search(part, l)]) >= 2 and all(len(re.findall(re.escape(w), l)) == len(re.findall(part, l)) for l in block):
            good.append((w, part))
    if not good:
        return None
    old, part = rng.choice(good)
    new = naming.fresh(old, doc.lang, doc.words(), rng, 'func' if doc.grammar in GRAMMARS else 'local')
    if not new:
        return None
    pieces = [Piece(top + i, top + i + 1, [re.sub(part, new, l)]) for i, l in enumerate(block) if re.search(part, l)]
    if pieces[0].start != top:
        return None
    done = 1 if rng.random() < 0.7 or len(pieces) == 2 else rng.randint(1, len(pieces) - 1)
    if rng.random() < 0.15:
        return emit(doc, 'finished', [doc.lines, pasted] + [apply(pasted, pieces[:k]) for k in range(1, len(pieces) + 1)], [])
    states = [doc.lines, pasted] + [apply(pasted, pieces[:k]) for k in range(1, done + 1)]
    return emit(doc, 'copy-adapt', states, runs(pieces[done:], []))
