"""Renames with their true scope, partly done: what remains is every other use, and nothing else."""
from __future__ import annotations

import random
import re

from . import members, names as naming
from .case import Piece, Span, by_row, emit, halfway, plan, apply, runs
from .grammars import GRAMMARS
from .roles import Use
from .scopes import Names, variable
from .tree import Doc

CASES = list[dict]
COMMON = {'self', 'this', 'cls', 'main', 'init', '__init__', 'it', '_', 'super', 'new', 'String', 'Self', 'T', 'K', 'V', 'toString', 'equals', 'hashCode', 'constructor',
          'render', 'setup', 'M', 'initialize', 'to_s', 'undefined', 'NULL', 'nil', 'null', 'true', 'false', 'len', 'fmt', 'testing', 'err', 'describe', 'expect'}
GROUP = {'local': 'local', 'param': 'param', 'func': 'func', 'class': 'class', 'const': 'const', 'import': 'import', 'field': 'field', 'method': 'method', 'selffield': 'field'}
WEIGHT = {'local': 3.0, 'param': 3.0, 'func': 2.2, 'class': 2.5, 'const': 2.5, 'import': 1.2, 'field': 4.0, 'method': 2.0}


def names_of(doc: Doc) -> Names:
    if not hasattr(doc, '_names'):
        doc._names = Names(doc)
    return doc._names


def candidates(doc: Doc, rng: random.Random) -> list[tuple[Use, str]]:
    """Declarations worth renaming, in random order; rather those whose name also stands where it must stay."""
    found = names_of(doc)
    scored = []
    uses = [u for us in found.by.values() for u in us if u.decl in GROUP]
    if doc.grammar != 'elisp':
        uses += members.self_fields(found)
    for u in uses:
        group = GROUP[u.decl]
        if u.name[0] in '@$' or u.name in COMMON and not (u.name == 'err' and rng.random() < 0.1) or u.name.startswith('__') or len(found.by[u.name]) < 2:
            continue
        if group in ('local', 'param') and doc.grammar == 'rust' and not re.match(r'_?[a-z]', u.name):
            continue
        if found.scope(u) is None and group == 'local':
            group = 'const'
        if group == 'import' and u.owner.type == 'import_statement':
            continue
        if group == 'method' and overrides(doc, u):
            continue
        if group == 'import' and u.node.parent.type in ('import_specifier', 'dotted_name') and u.node.field == 'name' and rng.random() < 0.8:
            continue
        weight = WEIGHT[group] * (1.6 if len(u.name) == 1 else 1)
        scope = found.scope(u)
        inside = sum(1 for x in found.by[u.name] if scope is None or x.node.inside(scope))
        if inside < 2:
            continue
        whole = len(re.findall(rf'(?<![\w$]){re.escape(u.name)}(?![\w$])', doc.text))
        weight *= 2.2 if whole > inside else 1
        scored.append((rng.random() ** (1 / weight), u, group))
    scored.sort(key=lambda t: -t[0])
    return [(u, group) for _, u, group in scored[:8]]


def overrides(doc: Doc, use: Use) -> bool:
    """Whether a method replaces an inherited one, whose name is not the file's to choose."""
    above = '\n'.join(doc.lines[max(0, use.node.row - 3):use.node.row + 1])
    return bool(re.search(r'@Override|\boverride\b|@\w*\.?setter|@abstractmethod', above)) or any(
        up.type in ('impl_item',) and up.get('trait') is not None for up in use.node.up())


def new_name(doc: Doc, name: str, group: str, rng: random.Random, taken: set[str] | None = None) -> str | None:
    kind = {'selffield': 'field'}.get(group, group)
    return naming.fresh(name, doc.lang, taken if taken is not None else doc.words(), rng, kind)


def spans_for(doc: Doc, use: Use, group: str, new: str) -> list[Span] | None:
    found = names_of(doc)
    if use.decl in ('field', 'method', 'selffield'):
        if doc.grammar == 'ruby':
            return None
        return members.member(found, use, new)
    if doc.grammar in ('bash',):
        return [Span(u.node.row, u.node.col, u.node.ecol, new) for u in found.by[use.name] if u.role != 'word']
    if doc.grammar == 'elisp':
        return None
    return variable(found, use, new)


def instance_variable(doc: Doc, rng: random.Random) -> tuple[str, str, list[Span], int] | None:
    """A Ruby @name of a class that has no attribute of that name."""
    found = names_of(doc)
    choices = [n for n, us in found.by.items() if n.startswith('@') and len(us) > 1 and n[1:] not in found.by]
    rng.shuffle(choices)
    for name in choices:
        owners = {id(members.class_of(doc, u.node)) for u in found.by[name]}
        new = new_name(doc, name, 'field', rng)
        if len(owners) == 1 and new:
            spans = [Span(u.node.row, u.node.col, u.node.ecol, new) for u in found.by[name]]
            first = next((u for u in found.by[name] if u.decl), found.by[name][0])
            return name, new, spans, first.node.row
    return None


def prose_rows(doc: Doc) -> set[int]:
    """Rows that a comment or a string of several lines covers."""
    if not hasattr(doc, '_prose'):
        doc._prose = {r for n in doc.root.walk() if 'comment' in n.type or (n.type in ('string', 'string_content') and n.erow > n.row) for r in range(n.row, n.erow + 1)
                      if n.row < r or not doc.lines[n.row][:n.col].strip()}
    return doc._prose


def mentions(doc: Doc, name: str, new: str, rows: set[int], near: tuple[int, int], group: str) -> list[Piece]:
    """Lines of documentation that may follow a rename: taken as right, and not called missing."""
    out = []
    word = re.escape(name)
    # A comment that begins with the name belongs to a function or a class; an entry "name: ..." to a parameter.
    above = rf'^\s*//+!?\s*{word}\b' if group in ('func', 'class', 'method', 'const') else r'\0'
    entry = rf'^\s*{word}\s*(\(.*\))?\s*:' if group == 'param' else r'\0'
    for row in range(max(0, near[0] - 25), min(len(doc.lines), near[1] + 1)):
        if row in rows:
            continue
        line = doc.lines[row]
        if not re.search(rf'(?<![\w$]){word}(?![\w$])', line):
            continue
        if row in prose_rows(doc) and re.search(rf'(`{word}`|@param\s+(\{{.*?\}}\s*)?{word}\b|:param\s+(\w+\s+)?{word}:|:(?:func|class|meth|attr|data):`~?\.?{word}|{entry}|{above}|\{{@link #?{word}|\[{word}\])', line):
            changed = re.sub(rf'(?<![\w$]){word}(?![\w$])', new, line)
            out.append(Piece(row, row + 1, [changed], optional=True))
    return out


def accessors(doc: Doc, name: str, new: str, rows: set[int]) -> list[Piece]:
    """Getter and setter of a Java field: whoever renames the field may rename them."""
    out = []
    for row, line in enumerate(doc.lines):
        changed = re.sub(rf'\b(get|set|is|with){re.escape(name[:1].upper() + name[1:])}\b', lambda m: m.group(1) + new[:1].upper() + new[1:], line)
        if changed != line and row not in rows:
            out.append(Piece(row, row + 1, [changed], optional=True))
    return out


def extra_entries(extras: list[Piece], done: list[Piece]) -> list[dict]:
    return runs(extras, done)


def chosen_rows(pieces: list[Piece], first: int, rng: random.Random, at_decl: float = 0.75) -> list[Piece] | None:
    """The pieces in the order in which they are made, beginning with the declaration or with a use."""
    at = next((i for i, p in enumerate(pieces) if p.start == first), None)
    if at is None:
        return None
    if rng.random() > at_decl and len(pieces) > 1:
        at = rng.choice([i for i in range(len(pieces)) if i != at])
    return pieces[at:] + pieces[:at]


def cases_of(doc: Doc, kind: str, spans: list[Span], first: int, old: str, new: str, extras: list[Piece], rng: random.Random) -> CASES:
    """The states of one rename: usually one, sometimes also one in which the next word is half typed."""
    pieces = by_row(doc, spans)
    if not 2 <= len(pieces) <= 40:
        return []
    order = chosen_rows(pieces, first, rng)
    if order is None:
        return []
    out = []
    elsewhere = [r for r, l in enumerate(doc.lines) if re.search(rf'(?<![\w$]){re.escape(old)}(?![\w$])', l)]
    stays = any(re.search(rf'(?<![\w$]){re.escape(old)}(?![\w$])', l) for l in apply(doc.lines, pieces))
    if rng.random() < 0.16 and stays and elsewhere and not extras and len(pieces) <= 8:
        case = plan(doc, 'finished', order, [])
        return [case] if case else []
    done = 1 if rng.random() < 0.6 or len(order) == 2 else rng.randint(2, len(order) - 1)
    made, todo = order[:done], order[done:]
    more = extra_entries(extras, made)
    last = made[-1]
    on_row = sorted((s for s in spans if s.row == last.start), key=lambda s: s.a)
    if len(on_row) > 1 and rng.random() < 0.35:
        # Only the first occurrence of the line is typed; the rest of the line is still to come.
        half = by_row(doc, on_row[:1])[0]
        states = [apply(doc.lines, made[:k]) for k in range(done)] + [apply(doc.lines, [*made[:-1], half])]
        rest = [Piece(p.start, p.end, p.lines, p.alts) for p in [*todo, last]]
        case = emit(doc, kind, states, runs(rest, []) + more)
    else:
        states = [apply(doc.lines, made[:k]) for k in range(done + 1)]
        case = emit(doc, kind, states, runs(todo, []) + more)
    if case:
        out.append(case)
    if rng.random() < 0.15:
        half = half_typed(doc, kind, made, on_row, new, rng)
        if half:
            out.append(half)
    return out


def typing_state(doc: Doc, made: list[Piece], rng: random.Random, others: list[list[str]] | None = None) -> dict | None:
    """The last of `made` (one line becomes one line) half typed. A first example tells nothing yet; a later one does."""
    last = made[-1]
    if last.end - last.start != 1 or len(last.lines) != 1:
        return None
    half = halfway(doc.lines[last.start], last.lines[0], rng)
    if half is None:
        return None
    part, column = half
    states = [apply(doc.lines, made[:k]) for k in range(len(made))] + [apply(doc.lines, [*made[:-1], Piece(last.start, last.end, [part])])]
    row = last.start + sum(len(m.lines) - (m.end - m.start) for m in made[:-1] if m.start < last.start)
    remaining = [{'start': row, 'end': row + 1, 'lines': l} for l in [last.lines, *(others or [])]] if len(made) > 1 else []
    return emit(doc, 'typing', states, remaining, (row, column))


def half_typed(doc: Doc, kind: str, made: list[Piece], on_row: list[Span], new: str, rng: random.Random) -> dict | None:
    """The last of the edits made is not finished: a part of the new name stands there."""
    span = on_row[0]
    keep = rng.choice((0, rng.randint(1, max(1, len(new) - 1))))
    if span.new != new:
        return None
    part = Span(span.row, span.a, span.b, new[:keep])
    half = by_row(doc, [part])[0]
    states = [apply(doc.lines, made[:k]) for k in range(len(made))] + [apply(doc.lines, [*made[:-1], half])]
    if half.lines == [doc.lines[span.row]]:
        return None
    remaining = []
    if len(made) > 1:
        finished = [made[-1].lines]
        if len(on_row) > 1:
            finished.append(by_row(doc, [span])[0].lines)
        remaining = [{'start': span.row, 'end': span.row + 1, 'lines': l} for l in finished]
    col = len(doc.raw[span.row][:span.a].decode('utf-8', 'replace')) + keep
    return emit(doc, 'typing', states, remaining, (span.row, col))


def rename(doc: Doc, rng: random.Random) -> CASES:
    if doc.grammar not in GRAMMARS:
        return []
    if doc.grammar == 'ruby' and rng.random() < 0.4:
        found = instance_variable(doc, rng)
        if found:
            old, new, spans, first = found
            return cases_of(doc, 'rename-field', spans, first, old, new, [], rng)
    for use, group in candidates(doc, rng):
        if use.decl == 'const' and doc.grammar == 'ruby':
            continue
        new = new_name(doc, use.name, group if use.decl not in ('class',) else 'class', rng)
        if new is None:
            continue
        spans = spans_for(doc, use, group, new)
        if not spans:
            continue
        rows = {s.row for s in spans}
        scope = names_of(doc).scope(use)
        near = (scope.row, scope.erow) if scope else (0, len(doc.lines) - 1)
        extras = mentions(doc, use.name, new, rows, near, group)
        if doc.grammar in ('java', 'kotlin') and group == 'field':
            extras += accessors(doc, use.name, new, rows)
        out = cases_of(doc, f'rename-{group}', spans, use.node.row, use.name, new, extras, rng)
        if out:
            return out
    return []
