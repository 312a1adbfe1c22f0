"""A parameter comes or goes in a function's definition; its calls follow."""
from __future__ import annotations

import random
import re

from .case import Piece, Span, apply, by_row, plan
from .calls import arguments, calls_by_name
from .rename import typing_state
from .tree import Doc, Node

DEFS = {'function_definition', 'function_declaration', 'method_definition', 'method_declaration', 'function_item', 'method', 'constructor_declaration'}
# Language: parameter as it is declared, and what calls pass where nothing of that name is at hand.
PARAMS = {
    'python': [('{n}', ['None', 'False', 'True', '0', '""'])], 'javascript': [('{n}', ['null', 'undefined', 'false', 'true', '{{}}', '0'])],
    'typescript': [('{n}: boolean', ['false', 'true']), ('{n}: string', ["''", "'default'"]), ('{n}: number', ['0', '1', '10'])],
    'go': [('{n} bool', ['false', 'true']), ('{n} int', ['0', '1']), ('{n} string', ['""']), ('{n} *Options', ['nil'])],
    'rust': [('{n}: bool', ['false', 'true']), ('{n}: usize', ['0', '1']), ('{n}: Option<u32>', ['None'])],
    'java': [('boolean {n}', ['false', 'true']), ('int {n}', ['0', '1']), ('String {n}', ['""', 'null'])],
    'c': [('int {n}', ['0', '1']), ('const char *{n}', ['NULL']), ('void *{n}', ['NULL'])], 'cpp': [('bool {n}', ['false', 'true']), ('int {n}', ['0', '1'])],
    'ruby': [('{n}', ['nil', 'false', 'true'])], 'php': [('bool ${n}', ['false', 'true']), ('${n}', ['null'])], 'kotlin': [('{n}: Boolean', ['false', 'true']), ('{n}: Int', ['0', '1'])],
    'lua': [('{n}', ['nil', 'true', 'false'])],
}
PARAMS['javascriptreact'], PARAMS['typescriptreact'] = PARAMS['javascript'], PARAMS['typescript']
FLAGS = ['verbose', 'strict', 'force', 'quiet', 'recursive', 'limit', 'timeout', 'depth', 'retries', 'prefix', 'mode', 'dry_run', 'options', 'context', 'offset', 'sep', 'indent', 'locale', 'owner', 'unit']


def parameters(node: Node) -> Node | None:
    box = node.get('parameters') or next((c for c in node.children if c.type in ('function_value_parameters', 'formal_parameters')), None)
    if box is None and node.get('declarator'):
        d = node.get('declarator')
        while d is not None and d.get('parameters') is None:
            d = d.get('declarator')
        box = d.get('parameters') if d else None
    if box is None or box.row != box.erow or not box.children or box.children[0].type != '(' or box.children[-1].type != ')':
        return None
    return box


def title(doc: Doc, node: Node) -> str | None:
    name = node.get('name') or next((c for c in node.children if c.type == 'simple_identifier'), None)
    d = node.get('declarator')
    while name is None and d is not None:
        if d.type in ('identifier', 'field_identifier'):
            name = d
        d = d.get('declarator')
    return doc.of(name) if name is not None and re.fullmatch(r'\w+', doc.of(name)) else None


def signature(doc: Doc, rng: random.Random) -> list[dict]:
    if doc.lang not in PARAMS:
        return []
    defs: dict[str, list[Node]] = {}
    for n in doc.root.walk():
        if n.type in DEFS and (t := title(doc, n)):
            defs.setdefault(t, []).append(n)
    choices = []
    for name, nodes in defs.items():
        if len(nodes) != 1 or (box := parameters(nodes[0])) is None:
            continue
        calls = [c for text, cs in calls_by_name(doc).items() if re.fullmatch(rf'(self\.|this\.|\$this->|this->)?{re.escape(name)}', text) for c in cs]
        if doc.lang == 'php':
            method = nodes[0].type == 'method_declaration'
            calls = [c for c in calls if (c[0].type == 'member_call_expression') == method]
        words = len(re.findall(rf'(?<![\w$]){re.escape(name)}(?!\w)\s*\(', doc.text))
        every = len([1 for r, l in enumerate(doc.lines) for _ in re.finditer(rf'(?<![\w$]){re.escape(name)}(?!\w)', l)])
        full = [(c, *a) for c, _ in calls if (a := arguments(c))]
        if len(full) != len(calls) or not 2 <= len(full) <= 14 or words != len(full) + 1 or every > words + 2:
            continue
        if any(b.row != b.erow or b.row == box.row for _, b, _ in full) or len({b.row for _, b, _ in full}) < 2:
            continue
        if any('...' in doc.of(b) or '**' in doc.of(b) or '=' in doc.of(b) and doc.lang == 'python' for _, b, _ in full) or re.search(r'\*|=|\.\.\.|&\w+\s*\)$', doc.of(box)) and doc.lang not in ('c', 'cpp', 'go', 'rust'):
            continue
        if '...' in doc.of(box):
            continue
        choices.append((nodes[0], box, full))
    if not choices:
        return []
    node, box, full = rng.choice(choices)
    flag = rng.choice(FLAGS)
    if doc.lang not in ('python', 'rust', 'c', 'ruby', 'lua', 'cpp'):
        flag = re.sub(r'_(\w)', lambda m: m.group(1).upper(), flag)
    if flag in doc.words():
        return []
    form, values = rng.choice(PARAMS[doc.lang])
    values = [v.replace('{{}}', '{}') for v in values]
    declared = form.format(n=flag)
    params = [c for c in box.children if c.named and 'comment' not in c.type]
    selfless = [p for p in params if doc.of(p) not in ('self', '&self', '&mut self', 'this', 'cls', 'mut self', 'void')]
    if len(params) != len(selfless) and 'void' in doc.of(box):
        return []
    if len({len(args) for _, _, args in full}) > 1 or len(full[0][2]) != len(selfless) and doc.lang != 'go':
        return []
    value = values[0]
    def_span = Span(box.row, (params[-1].ecol if params else box.col + 1), (params[-1].ecol if params else box.col + 1), (', ' if params else '') + declared)
    call_spans = []
    removing = rng.random() < 0.45
    for k, (_, b, args) in enumerate(full):
        text = rng.choice(values) if removing else value
        passed = '$' + flag if doc.lang == 'php' else flag
        alternatives = () if removing else tuple(t for t in [passed, *values[1:]])
        at = args[-1].ecol if args else b.col + 1
        pre = ', ' if args else ''
        call_spans.append(Span(b.row, at, at, pre + text, tuple(pre + t for t in alternatives)))
    nested = len({(s.row, s.a) for s in call_spans}) < len(call_spans)
    if nested:
        return []
    if removing:
        # The parameter is there first, with its arguments, and goes: what the calls lose is beyond doubt.
        base = doc.again(apply(doc.lines, by_row(doc, [def_span, *call_spans])), '-')
        rows = sorted({def_span.row, *[s.row for s in call_spans]})
        pieces = [Piece(r, r + 1, [doc.lines[r]]) for r in rows]
        first = next(p for p in pieces if p.start == box.row)
        rest = [p for p in pieces if p is not first]
        made = [first] + (rest[:1] if rng.random() < 0.35 and len(rest) > 1 else [])
        case = plan(base, 'signature-remove', made, [p for p in rest if p not in made])
        return [case] if case else []
    calls = by_row(doc, call_spans)
    # Every single alternative on its own; lines that have several calls keep to one value.
    for p in calls:
        here = [s for s in call_spans if s.row == p.start]
        p.alts = [by_row(doc, [Span(s.row, s.a, s.b, s.alts[k]) for s in here])[0].lines for k in range(len(here[0].alts))]
    first = by_row(doc, [def_span])[0]
    made = [first]
    if rng.random() < 0.4 and len(calls) > 1:
        made.append(Piece(calls[0].start, calls[0].end, calls[0].lines))
        for p in calls[1:]:
            p.alts = []
        todo = calls[1:]
    else:
        todo = calls
    out = []
    case = plan(doc, 'signature-add', made, todo)
    if case:
        out.append(case)
    if rng.random() < 0.15:
        half = typing_state(doc, made[:1], rng)
        if half:
            out.append(half)
    return out
