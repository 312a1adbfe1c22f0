"""A literal, a host or a key that several lines share becomes another one."""
from __future__ import annotations

import random
import re

from . import names as naming
from .case import Group, Span, by_row
from .tree import Doc, Node

LITERALS = {'string_content', 'string_fragment', 'string_literal', 'interpreted_string_literal_content', 'plain_scalar', 'string_value', 'integer', 'number', 'int_literal', 'float', 'string', 'decimal_integer_literal',
            'number_literal', 'integer_literal', 'double_quote_scalar', 'single_quote_scalar', 'color_value', 'plain_value', 'attribute_value', 'float_scalar', 'integer_scalar', 'string_scalar', 'integer_value'}


def pure(doc: Doc, n: Node) -> str:
    return doc.of(n).strip('"\'')


def literal(doc: Doc, rng: random.Random) -> Group | None:
    """A literal that several like lines share becomes another one; other lines keep theirs."""
    groups: dict[tuple, list[Node]] = {}
    for n in doc.root.walk():
        if n.type in LITERALS and n.row == n.erow and not n.named_children() and len(pure(doc, n)) >= 1:
            line = doc.raw[n.row]
            place = re.sub(rb'\w+', b'a', line[:n.col].strip())[-12:]
            groups.setdefault((pure(doc, n), n.type, place), []).append(n)
    choices = []
    for (text, kind, _), nodes in groups.items():
        rows = {n.row for n in nodes}
        if 3 <= len(rows) <= 14 and re.search(r'\w', text) and (len(text) > 1 or text.isdigit() and text not in '01' ) and not text.startswith('use '):
            choices.append((text, nodes))
    if not choices:
        return None
    text, nodes = rng.choice(choices)
    m = rng.choice(list(re.finditer(r'\d+|[A-Za-z]+', text)) or [None])
    if m is None:
        return None
    word = m.group()
    if word.isdigit():
        new = str(int(word[:8]) + rng.choice((1, 1, 2, 10)))
    elif re.fullmatch('[0-9a-fA-F]+', word) and '#' in text:
        new = ''.join(rng.choice('0123456789abcdef') for _ in word)
    else:
        new = rng.choice((naming.SYNONYMS.get(word.lower(), '') + ' ' + rng.choice(naming.NOUNS)).split())
        new = new.upper() if word.isupper() else new.capitalize() if word[0].isupper() else new
    spans = []
    for n in nodes:
        at = doc.of(n).index(text) + len(doc.of(n)[:0])
        front = len(doc.of(n)[:at + m.start()].encode())
        spans.append(Span(n.row, n.col + front, n.col + front + len(word.encode()), new))
    if new == word:
        return None
    same = len({doc.lines[n.row].strip() for n in nodes}) == 1
    return by_row(doc, spans), not same, 'literal'


def host(doc: Doc, rng: random.Random) -> Group | None:
    """The host of URLs, or the folder paths begin with, in several lines."""
    found: dict[str, list[tuple[int, int]]] = {}
    for row, line in enumerate(doc.lines):
        for m in re.finditer(r'(?:https?://)([\w.-]+\.\w+)(?=[/\s"\')>]|$)', line):
            found.setdefault(m.group(1), []).append((row, m.start(1)))
    choices = [(h, places) for h, places in found.items() if 3 <= len({r for r, _ in places}) <= 14]
    if not choices:
        return None
    name, places = rng.choice(choices)
    if len({bool(re.match(r'\s*(#|//|\*|--|;|<!--)', doc.lines[r])) for r, _ in places}) > 1:
        return None  # comments mention the host; whether they follow is anyone's guess
    parts = name.split('.')
    at = rng.randrange(max(1, len(parts) - 1))
    parts[at] = rng.choice(['cdn', 'api', 'static', 'mirror', 'www', 'docs', 'assets', 'next', 'archive'])
    new = '.'.join(parts)
    if new == name:
        return None
    return by_row(doc, [Span(r, len(doc.lines[r][:c].encode()), len(doc.lines[r][:c].encode()) + len(name), new) for r, c in places]), len(places) > 3 and rng.random() < 0.5, 'host'


def key(doc: Doc, rng: random.Random) -> Group | None:
    """A key of like records (objects of a list, rules, tables) gets another name."""
    groups: dict[tuple, list[Node]] = {}
    kinds = {'pair', 'block_mapping_pair', 'keyed_element', 'keyword_argument', 'field', 'declaration', 'jsx_attribute', 'attribute'}
    for n in doc.root.walk():
        if n.type in kinds and n.children:
            k = n.children[0]
            if k.row == k.erow and re.fullmatch(r'["\']?[\w-]{2,}["\']?', doc.of(k)):
                depth = sum(1 for _ in n.up())
                groups.setdefault((doc.of(k), n.type, depth), []).append(k)
    choices = [(k, v) for k, v in groups.items() if 3 <= len({n.row for n in v}) <= 12 and sum(1 for g in groups if g[0] == k[0]) == 1]
    if not choices:
        return None
    (text, _, _), nodes = rng.choice(choices)
    name = text.strip('"\'')
    new = naming.fresh(name, doc.lang, doc.words(), rng, 'field')
    if not new:
        return None
    return by_row(doc, [Span(n.row, n.col, n.ecol, text.replace(name, new)) for n in nodes]), True, 'key'
