"""A way of writing is replaced by another wherever it stands."""
from __future__ import annotations

import random
import re

from .calls import arguments, callee
from .case import Group, Span, by_row
from .tree import Doc, Node


def rewrites(doc: Doc, n: Node) -> list[tuple[str, str]]:
    """What a node may be rewritten to, by the name of the way of writing."""
    text, lang, t = doc.of(n), doc.lang, n.type
    out = []
    if t in ('comparison_operator', 'binary_expression') and len(n.children) == 3 and n.row == n.erow:
        l, op, r = (doc.of(c) for c in n.children)
        if lang == 'python' and r == 'None':
            out.append(('is-none', f'{l} is None' if op == '==' else f'{l} is not None' if op == '!=' else ''))
        if lang == 'python' and op in ('is', 'is not') and r == 'None':
            out.append(('truth', f'not {l}' if op == 'is' else ''))
        if lang.startswith(('javascript', 'typescript')) and op in ('===', '!==', '==', '!='):
            out.append(('strict-' + str(len(op) - (op[0] == '!') * 0), f'{l} {op[:2] if len(op) == 3 else op + "="} {r}'))
        if lang in ('c', 'cpp') and r == 'NULL':
            out.append(('null-test', f'{l} {op} nullptr' if lang == 'cpp' else (f'!{l}' if op == '==' else l)))
        if op == '+' and lang.startswith(('javascript', 'typescript')) and re.fullmatch(r"'[^'`$\\]*'", l) and re.fullmatch(r'[\w.]+', r) and n.parent.type != 'binary_expression':
            out.append(('template', f'`{l[1:-1]}${{{r}}}`'))
    if lang in ('cpp',) and text == 'NULL' and t in ('null', 'identifier'):
        out.append(('nullptr', 'nullptr'))
    if lang == 'go' and t == 'interface_type' and text == 'interface{}':
        out.append(('any', 'any'))
    if lang.startswith('javascript') and t in ('var', 'let') and n.parent.type in ('variable_declaration', 'lexical_declaration'):
        out.append(('const-' + t, 'const' if t == 'var' else 'var'))
    if lang.startswith(('javascript', 'typescript')) and t == 'const' and n.parent.type == 'lexical_declaration':
        out.append(('let', 'let'))
    if lang == 'python' and t == 'call':
        args, name = arguments(n), callee(doc, n)
        if args and name and n.row == n.erow and n.parent.type == 'expression_statement':
            a = [doc.of(x) for x in args[1]]
            forms = {('self.assertEqual', 2): 'assert {} == {}', ('self.assertTrue', 1): 'assert {}', ('self.assertIn', 2): 'assert {} in {}', ('self.assertIsNone', 1): 'assert {} is None', ('self.assertFalse', 1): 'assert not {}'}
            form = forms.get((name[0], len(a)))
            if form:
                out.append(('assert', form.format(*a)))
        fn = n.get('function')
        if args and fn and fn.type == 'attribute' and doc.of(fn).endswith('.format') and len(args[1]) == 1 and n.row == n.erow:
            s = doc.of(fn)[:-7]
            if s.count('{}') == 1 and re.fullmatch(r'"[^"\\]*"|\'[^\'\\]*\'', s) and re.fullmatch(r'[\w.]+', doc.of(args[1][0])):
                out.append(('f-string', 'f' + s.replace('{}', '{' + doc.of(args[1][0]) + '}')))
    if lang == 'python' and t == 'string' and re.fullmatch(r"'[^'\"\\]*'", text):
        out.append(('quotes', '"' + text[1:-1] + '"'))
    if lang.startswith(('javascript', 'typescript')) and t == 'string' and re.fullmatch(r'"[^\'"\\]*"', text) and n.parent.type in ('import_statement', 'arguments'):
        out.append(('quotes', "'" + text[1:-1] + "'"))
    if lang == 'rust' and n.row == n.erow and t == 'call_expression':
        if text.endswith('.unwrap()'):
            out.append(('unwrap', text[:-9] + '?'))
            out.append(('expect', text[:-9] + '.expect("must be there")'))
        m = re.fullmatch(r'("[^"]*")\.(to_string|into|to_owned)\(\)', text)
        if m:
            out.append(('string-' + m.group(2), f'String::from({m.group(1)})'))
    if lang == 'php' and t == 'array_creation_expression' and text.startswith('[') and n.row == n.erow:
        out.append(('array', f'array({text[1:-1]})'))
    if lang == 'php' and t == 'array_creation_expression' and text.startswith('array(') and n.row == n.erow:
        out.append(('short-array', f'[{text[6:-1]}]'))
    if lang == 'ruby' and t == 'pair' and n.row == n.erow:
        m = re.fullmatch(r':(\w+) => (.*)', text)
        if m:
            out.append(('hash', f'{m.group(1)}: {m.group(2)}'))
        m = re.fullmatch(r'(\w+): (.+)', text)
        if m:
            out.append(('rocket', f':{m.group(1)} => {m.group(2)}'))
    if lang == 'ruby' and t == 'string' and re.fullmatch(r'"[^"\'\\#]*"', text):
        out.append(('quotes', "'" + text[1:-1] + "'"))
    if lang == 'java' and t == 'generic_type' and n.parent.type == 'object_creation_expression' and re.search('<.+>$', text):
        out.append(('diamond', re.sub('<.+>$', '<>', text)))
    if lang == 'shellscript' and t == 'simple_expansion' and re.fullmatch(r'\$\w{2,}', text):
        out.append(('braces', '${' + text[1:] + '}'))
    if lang == 'shellscript' and t == 'test_command' and n.row == n.erow and text.startswith('[ '):
        out.append(('test', f'[{text}]'))
    if lang.startswith('javascript') and t in ('variable_declaration', 'lexical_declaration') and n.row == n.erow:
        m = re.fullmatch(r"(?:const|var|let) (\w+) = require\((['\"][^'\"]+['\"])\);?", text)
        if m:
            out.append(('import', f'import {m.group(1)} from {m.group(2)}' + (';' if text.endswith(';') else '')))
    if lang.startswith('typescript') and t == 'import_statement' and text.startswith('import {') and n.row == n.erow:
        out.append(('type-import', text.replace('import {', 'import type {', 1)))
    if lang == 'lua' and t == 'function_call' and re.fullmatch(r"require\('[^']+'\)", text):
        out.append(('require', text.replace('(', ' ').rstrip(')')))
    if lang == 'markdown' and t == 'atx_heading' and re.match('##+ ', text):
        out.append(('heading-' + text.split(' ')[0], '#' + text.split('\n')[0]))
    if lang == 'markdown' and t.startswith('list_marker') and text.strip() in '*-':
        out.append(('bullet', text.replace('-', '*') if '-' in text else text.replace('*', '-')))
    return [(k, v) for k, v in out if v and v != text]


def rewrite(doc: Doc, rng: random.Random) -> Group | None:
    """A way of writing is replaced by another wherever it stands."""
    groups: dict[str, list[Span]] = {}
    for n in doc.root.walk():
        if n.row == n.erow or n.type == 'atx_heading':
            for kind, new in rewrites(doc, n):
                end = n.ecol if n.row == n.erow else len(doc.raw[n.row])
                groups.setdefault(kind, []).append(Span(n.row, n.col, end, new))
    choices = []
    for kind, spans in groups.items():
        kept: list[Span] = []
        for s in sorted(spans, key=lambda s: (s.row, s.a)):
            if not kept or kept[-1].row != s.row or kept[-1].b <= s.a:
                kept.append(s)
        if 3 <= len({s.row for s in kept}) <= 14:
            choices.append((kind, kept))
    if not choices:
        return None
    kind, spans = rng.choice(choices)
    return by_row(doc, spans), kind.split('-')[0] in ('template', 'f', 'assert', 'unwrap', 'expect', 'heading', 'bullet', 'quotes', 'const', 'let', 'strict', 'rocket', 'hash', 'truth'), kind.split('-')[0]
