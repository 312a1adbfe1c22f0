"""Markup and configuration: tags that close, names that are referred to, stages, links, aliases."""
from __future__ import annotations

import random
import re

from . import names as naming
from .case import Span, by_row, emit, plan
from .rename import cases_of
from .tree import Doc


def words_at(doc: Doc, pattern: str) -> list[Span]:
    out = []
    for row, line in enumerate(doc.lines):
        for m in re.finditer(pattern, line):
            a, b = (len(line[:i].encode()) for i in m.span(1))
            out.append(Span(row, a, b, ''))
    return out


def tags(doc: Doc, rng: random.Random) -> list[dict]:
    """An opening tag gets another name; its closing tag follows."""
    pairs = []
    for n in doc.root.walk():
        if n.type in ('element', 'jsx_element') and n.children:
            first, last = n.children[0], n.children[-1]
            if first.type in ('start_tag', 'jsx_opening_element') and last.type in ('end_tag', 'jsx_closing_element'):
                a = next((c for c in first.children if c.type in ('tag_name', 'identifier')), None)
                b = next((c for c in last.children if c.type in ('tag_name', 'identifier')), None)
                if a and b and doc.of(a) == doc.of(b) and doc.of(a) not in ('html', 'body', 'head'):
                    pairs.append((a, b))
    if not pairs:
        return []
    a, b = rng.choice([p for p in pairs if p[0].row != p[1].row] or pairs)
    new = rng.choice([t for t in 'section article main aside header footer strong em span div nav ul ol h2 h3 h4 p label button figure small code'.split() if t != doc.of(a)])
    if doc.of(a)[0].isupper():
        new = naming.fresh(doc.of(a), doc.lang, doc.words(), rng, 'class') or 'Panel'
    one, two = Span(a.row, a.col, a.ecol, new), Span(b.row, b.col, b.ecol, new)
    if a.row == b.row:
        base = by_row(doc, [one])[0].lines[0]
        state = doc.lines[:a.row] + [base] + doc.lines[a.row + 1:]
        case = emit(doc, 'markup-tag', [doc.lines, state], [{'start': a.row, 'end': a.row + 1, 'lines': by_row(doc, [one, two])[0].lines}])
    else:
        case = plan(doc, 'markup-tag', by_row(doc, [one]), by_row(doc, [two]))
    return [case] if case else []


def references(doc: Doc, rng: random.Random, found: list[tuple[str, str, str]]) -> list[dict]:
    """`found`: a name, the pattern of its declaration, and the pattern of every place that means it."""
    rng.shuffle(found)
    for name, declared, every in found:
        spans = words_at(doc, every)
        first = words_at(doc, declared)
        if len({s.row for s in spans}) < 2 or len(first) != 1:
            continue
        new = naming.fresh(name, doc.lang, doc.words(), rng, 'local')
        if not new:
            continue
        for s in spans:
            s.new = new
        out = cases_of(doc, 'markup-reference', spans, first[0].row, name, new, [], rng)
        if out:
            return out
    return []


def link_labels(doc: Doc, rng: random.Random) -> list[dict]:
    found = []
    for m in re.finditer(r'^\[([^\]^]+)\]:', doc.text, re.M):
        e = re.escape(m.group(1))
        if re.search(rf'\]\[{e}\]', doc.text) and re.fullmatch(r'[\w-]+', m.group(1)) and not re.search(rf'(?<!\])\[{e}\](?![(:\[])', doc.text):
            found.append((m.group(1), rf'^\[({e})\]:', rf'(?:^\[|\]\[)({e})\](?=:|(?!\())'))
    return references(doc, rng, found)


def css_names(doc: Doc, rng: random.Random) -> list[dict]:
    """A custom property (every use of it) or a class in the selectors."""
    found = []
    for name in sorted(set(re.findall(r'^\s*(--[\w-]+):', doc.text, re.M))):
        e = re.escape(name)
        found.append((name[2:], rf'^\s*--({re.escape(name[2:])}):', rf'(?<![\w-])--({re.escape(name[2:])})(?![\w-])'))
    for name in sorted(set(re.findall(r'^\$([\w-]+):', doc.text, re.M))):
        e = re.escape(name)
        found.append((name, rf'^\$({e}):', rf'\$({e})(?![\w-])'))
    return references(doc, rng, found)


def yaml_names(doc: Doc, rng: random.Random) -> list[dict]:
    """Anchors with their aliases."""
    found = []
    for name in sorted(set(re.findall(r'&([\w-]+)\s*$', doc.text, re.M))):
        e = re.escape(name)
        found.append((name, rf'&({e})\s*$', rf'[&*]({e})(?![\w-])'))
    return references(doc, rng, found)


def stages(doc: Doc, rng: random.Random) -> list[dict]:
    found = []
    for name in sorted(set(re.findall(r'(?i)^FROM .* AS ([\w-]+)\s*$', doc.text, re.M))):
        e = re.escape(name)
        found.append((name, rf'(?i)^FROM .* AS ({e})\s*$', rf'(?i)(?:^FROM .* AS |--from=|^FROM )({e})(?![\w:/-])'))
    for name in sorted(set(re.findall(r'^ARG (\w+)', doc.text, re.M))):
        e = re.escape(name)
        found.append((name, rf'^ARG ({e})\b', rf'(?:^ARG |\$\{{?)({e})\b'))
    return references(doc, rng, found)


def markup(doc: Doc, rng: random.Random) -> list[dict]:
    if doc.grammar in ('html', 'tsx'):
        return tags(doc, rng)
    if doc.grammar == 'markdown':
        return link_labels(doc, rng)
    if doc.grammar in ('css', 'scss'):
        return css_names(doc, rng)
    if doc.grammar == 'yaml':
        return yaml_names(doc, rng)
    if doc.grammar == 'dockerfile':
        return stages(doc, rng)
    return []
