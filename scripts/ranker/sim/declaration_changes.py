"""Changes that are made in several like declarations, or lines."""
from __future__ import annotations

import random
import re

from .case import Group, Piece, Span, by_row
from .tree import Doc, Node

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
