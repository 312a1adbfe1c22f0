"""Changes that are made in all calls of one function."""
from __future__ import annotations

import random
import re

from . import names as naming
from .calls import callee, many, simple, unwrapped, with_arguments
from .case import Group, Span, by_row
from .grammars import GRAMMARS
from .rename import names_of
from .tree import Doc


def textual(doc: Doc, text: str) -> list[int]:
    return [r for r, l in enumerate(doc.lines) if re.search(rf'(?<![\w.$]){re.escape(text)}(?!\w)', l)]


def other_path(doc: Doc, rng: random.Random) -> Group | None:
    """a.b(...) becomes a.c(...), d.b(...) or e(...)."""
    found = many(doc, 3, rng)
    if not found:
        return None
    text = callee(doc, found[0][0])[0]
    name = doc.of(found[0][1])
    if not re.fullmatch(r'[\w.:>$!-]+', text) or name in ('super', 'require', 'this', 'self', 'import'):
        return None
    # Where the name is defined here it is a rename of the definition; where it stands without a call, the set is not these calls.
    rows = {last.row for _, last in found}
    if set(textual(doc, text)) - rows or name not in naming.SYNONYMS and len(name) < 3:
        return None
    if re.search(rf'\b(def|function|func|fn|class|fun|sub|local function)\s+{re.escape(name)}\b|^\s*(static\s+)?[\w*]+\s+\*?{re.escape(name)}\(.*\{{?$', doc.text, re.M) and '.' not in text:
        return None
    new = naming.fresh(name, doc.lang, doc.words(), rng, 'func')
    if not new:
        return None
    if '.' in text and rng.random() < 0.35 and re.fullmatch(r'[\w.]+', text) and not text.startswith(('self.', 'this.')):
        front = text.rsplit('.', 1)[0]
        if any(u.decl in ('local', 'param') for u in names_of(doc).by.get(front.split('.')[0], [])) if doc.grammar in GRAMMARS else True:
            return None
        other = naming.fresh(front.rsplit('.', 1)[-1], doc.lang, doc.words(), rng, 'local')
        whole = rng.choice([f'{other}.{name}', f'{other}.{new}', new])
        if not other:
            return None
        spans = [Span(l.row, l.ecol - len(text), l.ecol, whole) for _, l in found]
        if any(doc.raw[s.row][s.a:s.b].decode('utf-8', 'replace') != text for s in spans):
            return None
        return by_row(doc, spans), True, 'path'
    if '.' not in text and '::' not in text and rng.random() < 0.4:
        whole = rng.choice(['logger.', 'util.', 'helpers.', 'log.', 'lib.']) + rng.choice([name, new])
        if doc.lang in ('rust', 'cpp', 'ruby'):
            whole = whole.replace('.', '::') if doc.lang != 'ruby' else whole
        return by_row(doc, [Span(l.row, l.col, l.ecol, whole) for _, l in found]), False, 'path'
    return by_row(doc, [Span(l.row, l.col, l.ecol, new) for _, l in found]), False, 'path'


WRAPS = {'python': ['int({})', 'str({})', 'list({})', 'float({})', 'Path({})', 'len({})', 'sorted({})', 'repr({})'],
         'javascript': ['Number({})', 'String({})', 'await {}', 'escape({})', 'new URL({})', '[...{}]', 'Boolean({})'], 'go': ['string({})', 'int64({})', '*{}', '&{}', '[]byte({})', 'float64({})'],
         'rust': ['&{}', 'Some({})', '{}.clone()', 'String::from({})', '{}.into()', 'Arc::new({})', 'Box::new({})', '{}.as_ref()'], 'java': ['String.valueOf({})', 'Optional.of({})', '{}.toString()', 'List.of({})', 'Objects.requireNonNull({})'],
         'c': ['&{}', '(int){}', 'ntohl({})', '*{}'], 'cpp': ['std::move({})', 'static_cast<int>({})', '&{}', 'std::string({})', '*{}'], 'ruby': ['{}.to_s', 'Integer({})', '{}.dup', '{}.to_sym'],
         'php': ['(int) {}', 'trim({})', 'e({})', 'strtolower({})'], 'kotlin': ['{}.toString()', 'listOf({})', 'requireNotNull({})', '{}!!'], 'lua': ['tostring({})', 'tonumber({})', '#{}']}
for _lang in ('typescript', 'javascriptreact', 'typescriptreact'):
    WRAPS[_lang] = WRAPS['javascript'] + ['{} as string', '{}!']
EXTRA = {'python': ['timeout=10', 'strict=True', 'None', 'encoding="utf-8"', 'check=True', 'ctx', 'False'], 'javascript': ['{ signal }', 'true', 'options', 'null', "'utf8'", 'ctx'], 'go': ['nil', 'ctx', 'true', '0', 'opts...'],
         'rust': ['None', '&ctx', 'true', '0', 'Default::default()'], 'java': ['null', 'true', 'context', '0', 'Locale.ROOT'], 'c': ['NULL', '0', 'ctx', 'flags'], 'cpp': ['nullptr', 'true', '0', 'ctx'], 'ruby': ['nil', 'strict: true', 'options'],
         'php': ['null', 'true', '$options', '[]'], 'kotlin': ['null', 'true', 'context'], 'lua': ['nil', 'true', 'opts'], 'swift': ['nil']}
for _lang in ('typescript', 'javascriptreact', 'typescriptreact'):
    EXTRA[_lang] = EXTRA['javascript']


def wrap(doc: Doc, rng: random.Random) -> Group | None:
    """An argument, the same one of all calls, gets a call around it, or loses it."""
    found = with_arguments(doc, rng)
    if not found or doc.lang not in WRAPS:
        return None
    count = min(len(args) for _, _, args in found)
    if not count:
        return None
    at = rng.randrange(count)
    nodes = [args[at] for _, _, args in found]
    if not all(simple(n) and n.b - n.a < 50 for n in nodes) or any('=' in doc.of(n) and n.type in ('keyword_argument', 'value_argument', 'argument') for n in nodes):
        return None
    inner = [unwrapped(doc, n) for n in nodes]
    if all(inner) and len({i[0] for i in inner}) == 1:
        spans = [Span(n.row, n.col, n.ecol, i[1]) for n, i in zip(nodes, inner)]
    else:
        kinds = {n.type for n in nodes}
        if len(kinds) > 1 or kinds & {'string', 'string_literal', 'interpreted_string_literal', 'true', 'false', 'number', 'integer'}:
            return None
        form = rng.choice(WRAPS[doc.lang])
        if any(doc.of(n).startswith(form.split('{')[0] or '\0') for n in nodes):
            return None
        spans = [Span(n.row, n.col, n.ecol, form.replace('{}', doc.of(n), 1)) for n in nodes]
    return by_row(doc, spans), len({doc.of(n) for n in nodes}) > 1, 'wrap'


def argument(doc: Doc, rng: random.Random) -> Group | None:
    """All calls of one function get an argument, or lose one."""
    found = with_arguments(doc, rng)
    if not found or doc.lang not in EXTRA:
        return None
    if any(box.row != box.erow for _, box, _ in found):
        return None
    spans = []
    counts = {len(args) for _, _, args in found}
    if rng.random() < 0.35 and min(counts) >= 1 and len(counts) == 1:
        at = rng.choice((0, -1))
        for _, box, args in found:
            node = args[at]
            if len(args) == 1:
                a, b = node.col, node.ecol
            elif at == 0:
                a, b = node.col, args[1].col
            else:
                a, b = args[-2].ecol, node.ecol
            spans.append(Span(node.row, a, b, ''))
        return by_row(doc, spans), len({doc.of(args[at]) for _, _, args in found}) > 1, 'argument'
    extra = rng.choice(EXTRA[doc.lang])
    if any(extra == doc.of(a) or extra.split('=')[0] in doc.of(a) and '=' in extra for _, _, args in found for a in args):
        return None
    front = rng.random() < 0.3 and '=' not in extra and ':' not in extra
    for _, box, args in found:
        if not args:
            spans.append(Span(box.row, box.col + 1, box.ecol - 1, extra))
        elif front:
            spans.append(Span(box.row, args[0].col, args[0].col, extra + ', '))
        else:
            spans.append(Span(box.row, args[-1].ecol, args[-1].ecol, ', ' + extra))
    return by_row(doc, spans), True, 'argument'
