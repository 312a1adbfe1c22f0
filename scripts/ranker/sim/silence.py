"""Edits that stand alone: whoever makes them wants nothing else changed."""
from __future__ import annotations

import random
import re

from .case import Piece, apply, by_row, emit, halfway, plan
from .grammars import GRAMMARS
from .small import small
from .tree import Doc, Node

COMMENT = {'python': '# ', 'ruby': '# ', 'shellscript': '# ', 'yaml': '# ', 'toml': '# ', 'lua': '-- ', 'sql': '-- ', 'emacs-lisp': ';; ', 'dockerfile': '# '}
NO_COMMENT = {'json', 'markdown', 'html', 'css'}


def lone(doc: Doc, rng: random.Random) -> dict | None:
    found = small(doc, rng)
    if found is None:
        return None
    kind, piece = found
    if rng.random() < 0.25 and piece.end - piece.start == 1:  # typed in two moves
        half = halfway(doc.lines[piece.start], piece.lines[0], rng)
        if half:
            states = [doc.lines, apply(doc.lines, [Piece(piece.start, piece.end, [half[0]])])]
            if rng.random() < 0.5:
                states.append(apply(doc.lines, [piece]))
            return emit(doc, f'silence-{kind}', states, [])
    return plan(doc, f'silence-{kind}', [piece], [])


def two(doc: Doc, rng: random.Random) -> dict | None:
    a, b = small(doc, rng), small(doc, rng)
    if not a or not b or a[0] == b[0] or abs(a[1].start - b[1].start) < 2:
        return None
    return plan(doc, 'silence-two', [a[1], b[1]], [])


def undo(doc: Doc, rng: random.Random) -> dict | None:
    from .rename import candidates, new_name, spans_for
    piece = None
    if doc.grammar in GRAMMARS and rng.random() < 0.5:
        for use, group in candidates(doc, rng)[:2]:
            new = new_name(doc, use.name, group, rng)
            spans = new and spans_for(doc, use, group, new)
            if spans:
                pieces = by_row(doc, spans)
                piece = next((p for p in pieces if p.start == use.node.row), pieces[0])
                break
    if piece is None:
        found = small(doc, rng)
        if not found:
            return None
        piece = found[1]
    states = [doc.lines, apply(doc.lines, [piece]), doc.lines]
    return emit(doc, 'silence-undo', states, [])


def statements(doc: Doc) -> list[Node]:
    """Nodes that fill whole lines, with siblings around them."""
    out = []
    for node in doc.root.walk():
        if not node.named or node.parent is None or 'comment' in node.type:
            continue
        if doc.raw[node.row][:node.col].strip() or doc.raw[node.erow][node.ecol:].strip() not in (b'', b',', b';'):
            continue
        if len(node.parent.named_children()) > 1 or node.parent.type in ('block', 'statement_block', 'compound_statement'):
            if not out or out[-1].row != node.row or out[-1].erow != node.erow:
                out.append(node)
    return out


def move(doc: Doc, rng: random.Random) -> dict | None:
    nodes = [n for n in statements(doc) if n.erow - n.row < 5]
    rows = {n.row: n for n in nodes}
    choices = [(n, rows[n.erow + 1]) for n in nodes if n.erow + 1 in rows and rows[n.erow + 1].col == n.col and rows[n.erow + 1].parent is n.parent]
    if not choices:
        return None
    a, b = rng.choice(choices)
    la, lb = doc.lines[a.row:a.erow + 1], doc.lines[b.row:b.erow + 1]
    if la == lb:
        return None
    after = doc.lines[:a.row] + lb + la + doc.lines[b.erow + 1:]
    states = [doc.lines, after]
    if rng.random() < 0.5:
        up = rng.random() < 0.5
        states.insert(1, doc.lines[:a.row] + (la if up else lb) + doc.lines[b.erow + 1:])
    return emit(doc, 'silence-move', states, [])


def delete(doc: Doc, rng: random.Random) -> dict | None:
    nodes = [n for n in statements(doc) if n.erow - n.row < 25 and n.erow < len(doc.lines) - 1 and n.erow - n.row < len(doc.lines) / 2]
    if not nodes:
        return None
    n = rng.choice(nodes)
    end = n.erow + 1
    if n.row > 0 and not doc.lines[n.row - 1].strip() and end < len(doc.lines) and not doc.lines[end].strip():
        end += 1
    if rng.random() < 0.3 and end - n.row > 1:  # line by line from its end
        pieces = [Piece(r, r + 1, []) for r in range(end - 1, n.row - 1, -1)][:10]
        return plan(doc, 'silence-delete', pieces, [])
    return plan(doc, 'silence-delete', [Piece(n.row, end, [])], [])


def typed(doc: Doc, rng: random.Random) -> dict | None:
    """A block or a statement that the file did not have, typed or pasted."""
    nodes = [n for n in statements(doc) if n.erow - n.row < 14 and n.erow - n.row < len(doc.lines) / 2]
    if not nodes:
        return None
    rng.shuffle(nodes)
    nodes.sort(key=lambda n: n.erow == n.row)
    n = nodes[0] if rng.random() < 0.5 else nodes[-1]
    start, end = n.row, n.erow + 1
    if end < len(doc.lines) and not doc.lines[end].strip() and start and not doc.lines[start - 1].strip():
        end += 1
    block = doc.lines[start:end]
    base = doc.lines[:start] + doc.lines[end:]
    if not ''.join(block).strip():
        return None
    if rng.random() < 0.35 or len(block) == 1:
        return emit(doc, 'silence-typed', [base, doc.lines], [], (n.erow, len(doc.lines[n.erow])))
    states = [base] + [base[:start] + block[:k] + base[start:] for k in range(1, len(block) + 1)]
    return emit(doc, 'silence-typed', states, [], (n.erow, len(doc.lines[n.erow])))


def comment_out(doc: Doc, rng: random.Random) -> dict | None:
    if doc.lang in NO_COMMENT:
        return None
    mark = COMMENT.get(doc.lang, '// ')
    nodes = [n for n in statements(doc) if n.erow - n.row < 5 and 'import' not in n.type]
    if not nodes:
        return None
    n = rng.choice(nodes)
    pieces = []
    for row in range(n.row, n.erow + 1):
        line = doc.lines[row]
        if not line.strip():
            return None
        at = len(doc.raw[n.row][:n.col].decode('utf-8', 'replace'))
        if line[:at].strip():
            return None
        pieces.append(Piece(row, row + 1, [line[:at] + mark + line[at:]]))
    return plan(doc, 'silence-comment-out', pieces, [])


def format_(doc: Doc, rng: random.Random) -> dict | None:
    """Reindented, or quotes and trailing spaces made alike, the whole of a block."""
    nodes = [n for n in statements(doc) if 1 <= n.erow - n.row < 12]
    if not nodes:
        return None
    n = rng.choice(nodes)
    way = rng.random()
    new = []
    for line in doc.lines[n.row:n.erow + 1]:
        if way < 0.3:
            new.append(re.sub(r'^(\t+)', lambda m: '    ' * len(m.group()), line) if line.startswith('\t') else re.sub(r'^( {4})+', lambda m: '\t' * (len(m.group()) // 4), line))
        elif way < 0.55:
            new.append(('    ' if not line.startswith('\t') else '\t') + line if line.strip() else line)
        elif way < 0.75:
            new.append(re.sub(r"(?<!\\)'([^'\"\\]*)'", r'"\1"', line) if "'" in line else re.sub(r'"([^\'"\\$]*)"', r"'\1'", line))
        else:
            new.append(re.sub(r'\s*=\s*(?!=)', '=', line, count=1) if ' = ' in line else re.sub(r',(?=\S)', ', ', line))
    pieces = [Piece(n.row + i, n.row + i + 1, [l]) for i, l in enumerate(new) if l != doc.lines[n.row + i]]
    if not pieces:
        return None
    if rng.random() < 0.5:
        return emit(doc, 'silence-format', [doc.lines, apply(doc.lines, pieces)], [])
    return plan(doc, 'silence-format', pieces, [])


def single_name(doc: Doc, rng: random.Random) -> dict | None:
    """What is used nowhere gets another name, though others are called as it was."""
    if doc.grammar not in GRAMMARS:
        return None
    from .rename import COMMON, GROUP, names_of, new_name, spans_for
    found = names_of(doc)
    uses = [u for us in found.by.values() for u in us if len(us) > 1 and u.decl in ('local', 'param') and u.name not in COMMON]
    rng.shuffle(uses)
    for u in uses[:12]:
        new = new_name(doc, u.name, GROUP[u.decl], rng)
        spans = new and spans_for(doc, u, u.decl, new)
        if spans and len({s.row for s in spans}) == 1 and spans[0].row == u.node.row:
            return plan(doc, 'silence-single-name', by_row(doc, spans), [])
    return None


WAYS = [(lone, 9), (two, 1.5), (undo, 1.8), (move, 1.6), (delete, 1.8), (typed, 2.2), (comment_out, 1), (format_, 1), (single_name, 1)]


def silence(doc: Doc, rng: random.Random) -> list[dict]:
    for _ in range(4):
        way = rng.choices([w for w, _ in WAYS], [k for _, k in WAYS])[0]
        case = way(doc, rng)
        if case:
            return [case]
    return []
