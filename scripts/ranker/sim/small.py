"""Small edits of one line: a number, an operator, a word; whoever makes them wants nothing else changed."""
from __future__ import annotations

import random
import re

from . import names as naming
from .case import Piece
from .grammars import GRAMMARS
from .tree import Doc, Node

NUMBERS = {'integer', 'float', 'number', 'int_literal', 'float_literal', 'integer_literal', 'decimal_integer_literal', 'decimal_floating_point_literal',
           'number_literal', 'real_literal', 'integer_value', 'float_value', 'integer_scalar', 'float_scalar', 'hex_integer_literal'}
STRINGS = {'string_content', 'string_fragment', 'string_literal', 'interpreted_string_literal', 'interpreted_string_literal_content', 'plain_scalar',
           'string_value', 'string_scalar', 'encapsed_string', 'string', 'attribute_value', 'double_quote_scalar'}
OPERATORS = {'==': '!=', '!=': '==', '<': '<= >', '<=': '<', '>': '>= <', '>=': '>', '&&': '||', '||': '&&', 'and': 'or', 'or': 'and', '===': '!==', '!==': '===',
             '+': '-', '-': '+', '*': '/', '+=': '-= =', '-eq': '-ne -gt', '~=': '=='}
FLIPS = {'true': 'false', 'false': 'true', 'True': 'False', 'False': 'True', 'private': 'public', 'public': 'private protected', 'let': 'const', 'nil': 'false',
         'None': '0', 'null': 'undefined', 'break': 'continue', 'continue': 'break', 'asc': 'desc', 'left': 'right', 'center': 'left', 'block': 'flex', 'none': 'block'}
WORDS = ('the this new first small current given remote default other whole simple empty local last missing known single current exact optional '
         'really always only also now never again quickly once still').split()


def line_of(doc: Doc, node: Node, text: str) -> Piece:
    raw = doc.raw[node.row]
    return Piece(node.row, node.row + 1, [(raw[:node.col] + text.encode() + raw[node.ecol:]).decode('utf-8', 'replace')])


def shape(line: str) -> str:
    return re.sub(r'\d+', '0', re.sub(r'[A-Za-z_]\w*', 'a', line.strip()))


def leaves(doc: Doc, types: set[str]) -> list[Node]:
    return [n for n in doc.root.walk() if n.type in types and n.row == n.erow and not any(c.named for c in n.children)]


def pick_like(doc: Doc, nodes: list[Node], rng: random.Random) -> Node | None:
    """One of the nodes; rather one whose line has others like it."""
    if not nodes:
        return None
    if rng.random() < 0.6:
        shapes: dict[str, int] = {}
        for line in doc.lines:
            shapes[shape(line)] = shapes.get(shape(line), 0) + 1
        like = [n for n in nodes if shapes[shape(doc.lines[n.row])] > 1]
        nodes = like or nodes
    return rng.choice(nodes)


def number(doc: Doc, rng: random.Random) -> Piece | None:
    node = pick_like(doc, leaves(doc, NUMBERS), rng)
    if node is None:
        return None
    text = doc.of(node)
    m = re.search(r'\d+', text)
    if not m:
        return None
    n = int(m.group()[:9])
    new = rng.choice([n + 1, n * 2 + (n == 0), n * 10 + 5, max(n - 1, 0), n + rng.randint(2, 20), n // 2])
    return line_of(doc, node, text[:m.start()] + str(new) + text[m.end():])


def operator(doc: Doc, rng: random.Random) -> Piece | None:
    nodes = [n for n in doc.root.walk() if not n.children and not n.named and doc.of(n) in OPERATORS
             and ('binary' in n.parent.type or 'comparison' in n.parent.type or 'equality' in n.parent.type or 'boolean' in n.parent.type or 'assignment' in n.parent.type or 'conjunction' in n.parent.type)]
    node = pick_like(doc, nodes, rng)
    return line_of(doc, node, rng.choice(OPERATORS[doc.of(node)].split())) if node else None


def flip(doc: Doc, rng: random.Random) -> Piece | None:
    nodes = [n for n in doc.root.walk() if not n.children and n.row == n.erow and doc.of(n) in FLIPS]
    node = pick_like(doc, nodes, rng)
    return line_of(doc, node, rng.choice(FLIPS[doc.of(node)].split())) if node else None


def reword(text: str, rng: random.Random) -> str | None:
    found = list(re.finditer(r"(?<![\w/.@#$%{-])[A-Za-z]{3,}(?![\w/.(@}-])", text))
    if not found:
        return None
    m = rng.choice(found)
    way = rng.random()
    word = m.group()
    if way < 0.35:
        low = word.lower()
        new = rng.choice(naming.SYNONYMS[low].split()) if low in naming.SYNONYMS else rng.choice(naming.NOUNS)
        new = new.capitalize() if word[0].isupper() else new
        return text[:m.start()] + new + text[m.end():]
    if way < 0.6:
        return text[:m.start()] + rng.choice(WORDS) + ' ' + text[m.start():]
    if way < 0.8 and len(found) > 1:
        return re.sub(r'  +', ' ', text[:m.start()] + text[m.end():]).rstrip()
    return text[:m.end()] + ' ' + ' '.join(rng.sample(WORDS, rng.randint(1, 3))) + text[m.end():]


def string(doc: Doc, rng: random.Random) -> Piece | None:
    nodes = [n for n in leaves(doc, STRINGS) if ' ' in doc.of(n) or doc.grammar in ('yaml', 'toml', 'html', 'json')]
    node = pick_like(doc, nodes, rng)
    if node is None:
        return None
    new = reword(doc.of(node), rng)
    return line_of(doc, node, new) if new else None


def plain_string(doc: Doc, rng: random.Random) -> Piece | None:
    """A short string (a name, a path, a version) becomes another one."""
    node = pick_like(doc, [n for n in leaves(doc, STRINGS) if re.fullmatch(r'["\']?[\w./-]{2,30}["\']?', doc.of(n))], rng)
    if node is None:
        return None
    text = doc.of(node)
    m = rng.choice(list(re.finditer(r'\d+|[A-Za-z]+', text)) or [None])
    if m is None:
        return None
    new = str(int(m.group()[:9]) + 1) if m.group().isdigit() else rng.choice(naming.NOUNS)
    return line_of(doc, node, text[:m.start()] + new + text[m.end():])


def comment(doc: Doc, rng: random.Random) -> Piece | None:
    nodes = [n for n in doc.root.walk() if 'comment' in n.type and not n.children]
    if not nodes:
        return None
    node = rng.choice(nodes)
    row = rng.randint(node.row, node.erow if node.ecol else max(node.row, node.erow - 1))
    line = doc.lines[row]
    start = len(doc.raw[row][:node.col].decode('utf-8', 'replace')) if row == node.row else 0
    new = reword(line[start:], rng)
    return Piece(row, row + 1, [line[:start] + new]) if new and new != line[start:] else None


def prose(doc: Doc, rng: random.Random) -> Piece | None:
    if doc.lang == 'markdown':
        rows = [r for r, l in enumerate(doc.lines) if len(l.split()) > 4 and not l.startswith(('    ', '```', '|', '['))]
    elif doc.lang == 'html':
        rows = [n.row for n in doc.root.walk() if n.type == 'text' and len(doc.of(n).split()) > 3]
    else:
        rows = [r for n in doc.root.walk() if n.type in ('string', 'string_content', 'template_string', 'heredoc_body') and n.erow > n.row for r in range(n.row + 1, n.erow)]
    if not rows:
        return None
    row = rng.choice(rows)
    new = reword(doc.lines[row], rng)
    return Piece(row, row + 1, [new]) if new and new != doc.lines[row] else None


def other_name(doc: Doc, rng: random.Random) -> Piece | None:
    """A name is exchanged for another one that the file has already: a correction, no rename."""
    if doc.grammar not in GRAMMARS:
        return None
    from .rename import names_of
    uses = [u for us in names_of(doc).by.values() for u in us if u.decl is None and u.role in ('var', 'member', 'method') and u.node.type != 'type_identifier' and len(u.name) > 1]
    if len(uses) < 6:
        return None
    for _ in range(10):
        u, other = rng.sample(uses, 2)
        if u.name != other.name and u.role == other.role and u.node.type == other.node.type and u.node.parent.type == other.node.parent.type:
            return line_of(doc, u.node, other.name)
    return None


def common(doc: Doc, piece: Piece) -> bool:
    """Whether other lines are as this one was, or share the literal that changes: then one change may well mean them too."""
    old, new = doc.lines[piece.start], piece.lines[0]
    if sum(1 for l in doc.lines if l.strip(' ,;\t') == old.strip(' ,;\t')) > 1:
        return True
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    token = re.search(r'[\w./:@-]*$', old[:head]).group() + re.match(r'[\w./:@-]*', old[head:]).group()
    return len(token) >= 5 and doc.text.count(token) > 1


SMALL = [(number, 2.2), (operator, 2.2), (flip, 1), (string, 2), (plain_string, 1.5), (comment, 1.6), (prose, 1.5), (other_name, 1.6)]


def small(doc: Doc, rng: random.Random) -> tuple[str, Piece] | None:
    ways = [w for w, _ in SMALL]
    for _ in range(6):
        way = rng.choices(ways, [k for _, k in SMALL])[0]
        if doc.lang == 'markdown':
            way = prose
        piece = way(doc, rng)
        if piece and piece.lines != [doc.lines[piece.start]] and not (way in (number, string, plain_string, flip) and common(doc, piece)):
            return way.__name__, piece
    return None
