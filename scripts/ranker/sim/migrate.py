"""One change made in several like places: the first one or two are done, the others remain."""
from __future__ import annotations

import random
import re

from . import names as naming
from .case import Piece, Span, apply, by_row, plan
from .grammars import GRAMMARS
from .rename import names_of, typing_state
from .tree import Doc, Node, build

Group = tuple[list[Piece], bool, str]  # pieces, whether two examples are needed, what it is

CALLS = {'call', 'call_expression', 'method_invocation', 'function_call', 'function_call_expression', 'member_call_expression', 'new_expression',
         'object_creation_expression', 'scoped_call_expression', 'macro_invocation'}


def callee(doc: Doc, call: Node) -> tuple[str, Node] | None:
    """The text of what is called, and the node of its last name."""
    for field in ('function', 'name', 'method', 'constructor', 'macro'):
        node = call.get(field)
        if node is None:
            continue
        start = call.a if field in ('name', 'method') else node.a
        text = doc.src[start:node.b].decode('utf-8', 'replace')
        last = node
        while last.children:
            last = next((c for c in reversed(last.children) if c.named), last.children[-1])
            if last.type in ('type_arguments', 'template_argument_list'):
                return None
        return text, last
    if call.type == 'call_expression' and call.children and doc.grammar == 'kotlin':
        node = call.children[0]
        last = node
        while last.children:
            last = last.children[-1]
        return doc.of(node), last
    return None


def arguments(call: Node) -> tuple[Node, list[Node]] | None:
    """The parentheses of a call and its arguments."""
    box = call.get('arguments') or next((c for c in call.children if c.type in ('call_suffix', 'arguments', 'argument_list')), None)
    if box is not None and box.type == 'call_suffix':
        box = next((c for c in box.children if c.type == 'value_arguments'), None)
    if box is None or not box.children or box.children[0].type != '(' or box.children[-1].type != ')':
        return None
    return box, [c for c in box.children if c.named and 'comment' not in c.type]


def calls_by_name(doc: Doc) -> dict[str, list[tuple[Node, Node]]]:
    if not hasattr(doc, '_calls'):
        out: dict[str, list[tuple[Node, Node]]] = {}
        for node in doc.root.walk():
            if node.type in CALLS:
                found = callee(doc, node)
                if found and '\n' not in found[0] and '(' not in found[0] and len(found[0]) < 50 and found[1].row == found[1].erow:
                    out.setdefault(found[0], []).append((node, found[1]))
        doc._calls = out
    return doc._calls


def many(doc: Doc, least: int, rng: random.Random) -> list[tuple[Node, Node]] | None:
    groups = [v for v in calls_by_name(doc).values() if len({last.row for _, last in v}) >= least and len(v) <= 24]
    return rng.choice(groups) if groups else None


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


BUILT_IN = {'require', 'len', 'cap', 'range', 'isinstance', 'typeof', 'sizeof', 'super', 'type', 'append', 'ipairs', 'pairs', 'import', 'defined', 'isset', 'super.', 'make'}


def with_arguments(doc: Doc, rng: random.Random, least: int = 3) -> list[tuple[Node, Node, list[Node]]] | None:
    groups = []
    for name, calls in calls_by_name(doc).items():
        if name in BUILT_IN:
            continue
        full = [(c, *a) for c, _ in calls if (a := arguments(c))]
        if len(full) == len(calls) and len({b.row for _, b, _ in full}) >= least and len(full) <= 20:
            groups.append(full)
    return rng.choice(groups) if groups else None


def simple(node: Node) -> bool:
    return node.row == node.erow and not any(n.type in ('lambda', 'arrow_function', 'func_literal', 'closure_expression', 'block') for n in node.walk())


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


def unwrapped(doc: Doc, node: Node) -> tuple[str, str] | None:
    """Of f(x): f and x."""
    while node.type in ('argument', 'value_argument') and len(node.named_children()) == 1:
        node = node.named_children()[0]
    if node.type not in CALLS:
        return None
    found, args = callee(doc, node), arguments(node)
    return (found[0], doc.of(args[1][0])) if found and args and len(args[1]) == 1 else None


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


TYPES = {'python': {'str': 'bytes', 'int': 'float', 'List': 'Sequence', 'list': 'Sequence', 'dict': 'Mapping', 'Dict': 'Mapping', 'Any': 'object', 'bytes': 'str', 'Optional': 'Maybe'},
         'go': {'int': 'int64', 'string': '[]byte', 'error': 'Error', 'bool': 'int', 'float64': 'float32', 'int64': 'uint64', 'uint': 'uint32'},
         'java': {'int': 'long', 'String': 'CharSequence', 'List': 'Collection', 'Integer': 'Long', 'Object': 'T', 'boolean': 'Boolean', 'Map': 'SortedMap', 'double': 'BigDecimal'},
         'c': {'int': 'size_t', 'char': 'uint8_t', 'unsigned': 'uint32_t', 'long': 'int64_t', 'size_t': 'ssize_t'}, 'cpp': {'int': 'std::size_t', 'string': 'string_view', 'char': 'std::byte', 'unsigned': 'uint32_t'},
         'rust': {'String': '&str', 'u32': 'u64', 'usize': 'u32', 'i32': 'i64', 'Vec': 'VecDeque', 'Self': 'Box<Self>', 'HashMap': 'BTreeMap', 'str': 'Path'}, 'php': {'string': '?string', 'array': 'iterable', 'int': 'float', 'bool': 'int'},
         'typescript': {'string': 'number', 'any': 'unknown', 'number': 'bigint', 'boolean': 'string', 'Array': 'ReadonlyArray', 'Function': 'Handler', 'object': 'Record<string, unknown>'}, 'kotlin': {'String': 'CharSequence', 'Int': 'Long', 'List': 'Collection', 'Any': 'T'}}
TYPES['typescriptreact'] = TYPES['typescript']
TYPE_NODES = {'type_identifier', 'predefined_type', 'primitive_type', 'integral_type', 'boolean_type', 'floating_point_type', 'type'}


def other_type(doc: Doc, rng: random.Random) -> Group | None:
    """A type, in like places (parameters, fields, results), becomes another one."""
    table = TYPES.get(doc.lang)
    if not table:
        return None
    groups: dict[tuple, list[Node]] = {}
    for n in doc.root.walk():
        if n.row == n.erow and doc.of(n) in table and (n.type in TYPE_NODES or doc.lang == 'python' and n.type == 'identifier' and any(p.type == 'type' for p in list(n.up())[:2])) and not n.named_children():
            path = []
            for up in n.up():
                path.append(up.type)
                if up.type in ('type', 'type_annotation', 'reference_type', 'generic_type', 'union_type', 'optional_type', 'user_type', 'named_type', 'pointer_type', 'slice_type') and len(path) < 6:
                    continue
                break
            groups.setdefault((doc.of(n), n.field, tuple(path)), []).append(n)
    # Two nodes of one place (a type around its name) count once.
    choices = [(k, v) for k, v in groups.items() if 3 <= len({n.row for n in v}) <= 14]
    if not choices:
        return None
    key, nodes = rng.choice(choices)
    spans = {(n.row, n.col): Span(n.row, n.col, n.ecol, table[key[0]]) for n in nodes}
    return by_row(doc, list(spans.values())), True, 'type'


MODIFIERS = {'python': ['async '], 'javascript': ['export ', 'async '], 'typescript': ['export ', 'async ', 'readonly ', 'private '], 'rust': ['pub ', 'pub(crate) ', 'async ', 'const '], 'java': ['final ', 'public ', 'static ', 'private '], 'cpp': ['virtual ', 'static ', 'inline '], 'c': ['static ', 'extern ', 'const '],
             'kotlin': ['private ', 'internal ', 'open ', 'suspend '], 'php': ['final ', 'public ', 'protected '], 'lua': ['local ']}
MODIFIERS['typescriptreact'] = MODIFIERS['typescript']
MODIFIED = {'function_definition', 'function_declaration', 'method_definition', 'function_item', 'field_declaration', 'property_signature', 'public_field_definition', 'lexical_declaration', 'struct_item', 'const_item',
            'method_declaration', 'property_declaration', 'class_declaration', 'interface_declaration', 'type_alias_declaration', 'declaration', 'enum_item'}
DECORATED = {'python': ['@pytest.mark.slow', '@staticmethod', '@cached', '@login_required', '@override', '@property'], 'typescript': ['@Input()', '// eslint-disable-next-line', '/** @internal */', '@observable'], 'javascript': ['// eslint-disable-next-line', '/** @private */', '/* istanbul ignore next */'],
             'rust': ['#[inline]', '#[must_use]', '#[serde(default)]', '#[test]', '#[allow(dead_code)]', '#[cfg(test)]'], 'java': ['@Nullable', '@Override', '@Test', '@Deprecated', '@JsonIgnore'], 'go': ['//nolint:errcheck', '// Deprecated: use the new one.'], 'kotlin': ['@JvmStatic', '@Test', '@Deprecated("")'],
             'php': ['#[Test]', '/** @test */'], 'cpp': ['[[nodiscard]]'], 'c': ['/* internal */'], 'ruby': ['# @api private'], 'lua': ['---@private']}
DECORATED['typescriptreact'] = DECORATED['typescript']


def like_nodes(doc: Doc, rng: random.Random, types: set[str]) -> list[Node] | None:
    """At least three nodes of one kind below one parent, each at the start of its line."""
    groups: dict[tuple, list[Node]] = {}
    for n in doc.root.walk():
        if n.type in types and not doc.raw[n.row][:n.col].strip():
            groups.setdefault((id(n.parent), n.type), []).append(n)
    choices = [v for v in groups.values() if 3 <= len(v) <= 14]
    return rng.choice(choices) if choices else None


def modifier(doc: Doc, rng: random.Random) -> Group | None:
    nodes = like_nodes(doc, rng, MODIFIED)
    if not nodes or doc.lang not in MODIFIERS:
        return None
    word = rng.choice(MODIFIERS[doc.lang])
    if any(re.search(rf'\b{re.escape(word.strip())}\b', doc.lines[n.row]) for n in nodes) or any(n.parent.type == 'export_statement' for n in nodes):
        return None
    if len({doc.of(n).split(' ')[0] for n in nodes}) > 1 and word not in ('export ', 'async '):
        return None
    return by_row(doc, [Span(n.row, n.col, n.col, word) for n in nodes]), True, 'modifier'


def line_above(doc: Doc, rng: random.Random) -> Group | None:
    nodes = like_nodes(doc, rng, MODIFIED | {'enum_variant', 'enum_constant', 'method', 'method_spec'})
    if not nodes or doc.lang not in DECORATED:
        return None
    word = rng.choice(DECORATED[doc.lang])
    if any(word in doc.lines[n.row - 1] for n in nodes if n.row):
        return None
    pieces = [Piece(n.row, n.row, [doc.lines[n.row][:len(doc.lines[n.row]) - len(doc.lines[n.row].lstrip())] + word]) for n in nodes]
    if len({p.start for p in pieces}) < len(pieces):
        return None
    return pieces, True, 'line-above'


def first_line_in(doc: Doc, rng: random.Random) -> Group | None:
    """A statement at the start of every like function: what each test or handler begins with."""
    nodes = like_nodes(doc, rng, {'function_definition', 'function_declaration', 'method_definition', 'method_declaration', 'function_item'})
    words = {'python': 'log.debug("called")', 'go': 't.Parallel()', 'javascript': 'await ready();', 'typescript': 'await ready();', 'java': 'checkOpen();', 'rust': 'init_logging();', 'php': '$this->boot();', 'c': 'assert(ctx);', 'cpp': 'lock();', 'kotlin': 'checkOpen()'}
    if not nodes or doc.lang not in words:
        return None
    out = []
    for n in nodes:
        body = n.get('body')
        if body is None or not body.named_children():
            return None
        first = next((c for c in body.named_children() if c.type not in ('string',)), None)
        if first is None or first.row == n.row or doc.raw[first.row][:first.col].strip() or 'comment' in first.type or first.pos > 1:
            return None
        line = doc.lines[first.row]
        out.append(Piece(first.row, first.row, [line[:len(line) - len(line.lstrip())] + words[doc.lang]]))
    return out, True, 'line-in'


STATEMENTS = {'expression_statement', 'call_statement', 'function_call', 'call', 'command', 'decorator', 'marker_annotation', 'attribute_item', 'call_expression'}


def delete_like(doc: Doc, rng: random.Random) -> Group | None:
    """Lines that call the same function are deleted everywhere."""
    groups: dict[str, list[Node]] = {}
    for n in doc.root.walk():
        if n.type in STATEMENTS and n.row == n.erow and not doc.raw[n.row][:n.col].strip() and doc.raw[n.row][n.ecol:].strip() in (b'', b';'):
            text = doc.of(n)
            m = re.match(r'[@#\[\w.:$>!-]+', text)
            if m and (text[m.end():m.end() + 1] in ('(', '') or n.type == 'command'):
                groups.setdefault(m.group(), []).append(n)
    choices = {k: v for k, v in groups.items() if 3 <= len({n.row for n in v}) <= 12}
    logs = [v for k, v in choices.items() if re.search(r'log|print|debug|warn|trace|Parallel|sleep|assert|mark|allow|Nullable|echo', k)]
    if not logs and (not choices or rng.random() < 0.75):
        return None
    nodes = rng.choice(logs or list(choices.values()))
    rows = sorted({n.row for n in nodes})
    if len({doc.lines[r].strip() for r in rows}) == 1 and rng.random() < 0.2:
        return None
    return [Piece(r, r + 1, []) for r in rows], True, 'delete'


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


WAYS = [(other_path, 2.2), (wrap, 1.5), (argument, 1.6), (other_type, 1.3), (modifier, 1.2), (line_above, 0.9), (first_line_in, 0.3), (delete_like, 1), (literal, 1.8), (host, 1.2), (rewrite, 3), (key, 1.3)]


def cases_of(doc: Doc, kind: str, pieces: list[Piece], pair: bool, rng: random.Random) -> list[dict]:
    pieces = [p for p in pieces if doc.lines[p.start:p.end] != p.lines]
    need = 2 if pair else 1
    if not need < len(pieces) <= 16:
        return []
    done = need if rng.random() < 0.65 else rng.randint(need, min(len(pieces), need + 3))
    at = 0 if rng.random() < 0.85 else rng.randrange(len(pieces))
    order = pieces[at:] + pieces[:at]
    made, todo = order[:done], order[done:]
    case = plan(doc, kind if todo else 'finished', made, todo)
    out = [case] if case else []
    if rng.random() < 0.15 and made[-1].lines:
        half = typing_state(doc, made, rng)
        if half:
            out.append(half)
    return out


def migration(doc: Doc, rng: random.Random) -> list[dict]:
    for _ in range(6):
        way = rng.choices([w for w, _ in WAYS], [k for _, k in WAYS])[0]
        found = way(doc, rng)
        if found and (doc.root.error or not build(doc.grammar, '\n'.join(apply(doc.lines, found[0])).encode()).error):
            out = cases_of(doc, f'migration-{found[2]}', found[0], found[1], rng)
            if out:
                return out
    return []
