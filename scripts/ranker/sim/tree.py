"""Syntax trees as plain Python objects, with the field each node has in its parent, and documents cut from files."""
from __future__ import annotations

import random
import re
from dataclasses import dataclass, field as dc_field

from tree_sitter_language_pack import get_parser

# File ending: LSP language id, grammar.
LANGS = {
    'py': ('python', 'python'), 'js': ('javascript', 'javascript'), 'mjs': ('javascript', 'javascript'),
    'cjs': ('javascript', 'javascript'), 'jsx': ('javascriptreact', 'tsx'), 'ts': ('typescript', 'typescript'),
    'tsx': ('typescriptreact', 'tsx'), 'go': ('go', 'go'), 'rs': ('rust', 'rust'), 'java': ('java', 'java'),
    'c': ('c', 'c'), 'h': ('c', 'c'), 'cc': ('cpp', 'cpp'), 'cpp': ('cpp', 'cpp'), 'hpp': ('cpp', 'cpp'),
    'rb': ('ruby', 'ruby'), 'php': ('php', 'php'), 'kt': ('kotlin', 'kotlin'), 'kts': ('kotlin', 'kotlin'),
    'swift': ('swift', 'swift'), 'lua': ('lua', 'lua'), 'sh': ('shellscript', 'bash'), 'bash': ('shellscript', 'bash'),
    'css': ('css', 'css'), 'scss': ('scss', 'scss'), 'html': ('html', 'html'), 'yml': ('yaml', 'yaml'),
    'yaml': ('yaml', 'yaml'), 'toml': ('toml', 'toml'), 'json': ('json', 'json'), 'md': ('markdown', 'markdown'),
    'markdown': ('markdown', 'markdown'), 'sql': ('sql', 'sql'), 'el': ('emacs-lisp', 'elisp'),
    'dockerfile': ('dockerfile', 'dockerfile'),
}
MARKUP = {'css', 'scss', 'html', 'yaml', 'toml', 'json', 'markdown', 'sql', 'dockerfile'}


class Node:
    """One node of the tree. `a` and `b` are byte offsets; rows and columns (in bytes) count from 0."""
    __slots__ = ('type', 'field', 'parent', 'children', 'a', 'b', 'row', 'col', 'erow', 'ecol', 'named', 'error', 'pos')

    def __init__(self, ts, field, parent, pos):
        self.type, self.field, self.parent, self.children, self.pos = ts.type, field, parent, [], pos
        self.a, self.b, self.named, self.error = ts.start_byte, ts.end_byte, ts.is_named, ts.has_error
        (self.row, self.col), (self.erow, self.ecol) = ts.start_point, ts.end_point

    def up(self):
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def walk(self):
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def get(self, field):
        return next((c for c in self.children if c.field == field), None)

    def named_children(self):
        return [c for c in self.children if c.named]

    def sibling(self, by):
        at = self.pos + by
        return self.parent.children[at] if self.parent and 0 <= at < len(self.parent.children) else None

    def inside(self, other):
        return other.a <= self.a and self.b <= other.b


def build(grammar: str, src: bytes) -> Node:
    tree = get_parser(grammar).parse(src)
    cursor = tree.walk()
    root = Node(cursor.node, None, None, 0)
    at = root
    while True:
        if cursor.goto_first_child():
            child = Node(cursor.node, cursor.field_name, at, 0)
            at.children.append(child)
            at = child
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return root
            at = at.parent
            if at is root:
                return root
        up = at.parent
        at = Node(cursor.node, cursor.field_name, up, len(up.children))
        up.children.append(at)


@dataclass
class Doc:
    """A text with its tree. `key` tells where it came from."""
    path: str
    lang: str
    grammar: str
    text: str
    key: str
    whole: bool = True
    _root: Node | None = None
    lines: list[str] = dc_field(default_factory=list)

    def __post_init__(self):
        self.lines = self.text.split('\n')
        self.src = self.text.encode()
        self.raw = self.src.split(b'\n')

    @property
    def root(self) -> Node:
        if self._root is None:
            self._root = build(self.grammar, self.src)
        return self._root

    def of(self, node: Node) -> str:
        return self.src[node.a:node.b].decode('utf-8', 'replace')

    def again(self, lines: list[str], tag: str) -> 'Doc':
        return Doc(self.path, self.lang, self.grammar, '\n'.join(lines), self.key + tag, self.whole)

    def leaves(self) -> list[Node]:
        return [n for n in self.root.walk() if not n.children]

    def words(self) -> set[str]:
        if not hasattr(self, '_words'):
            self._words = set(re.findall(r'[A-Za-z_$][\w$]*', self.text))
        return self._words


HEADS = {'import_statement', 'import_from_statement', 'import_declaration', 'package_clause', 'package_declaration',
         'package_header', 'import_list', 'import_header', 'use_declaration', 'preproc_include', 'php_tag',
         'namespace_use_declaration', 'namespace_definition', 'future_import_statement', 'mod_item', 'extern_crate_declaration',
         'preproc_def', 'attribute_item', 'inner_attribute_item'}
CLASSES = {'class_definition', 'class_declaration', 'class', 'module', 'impl_item', 'trait_item', 'interface_declaration',
           'object_declaration', 'class_specifier', 'namespace_definition', 'mod_item', 'trait_declaration',
           'abstract_class_declaration', 'export_statement', 'decorated_definition', 'struct_specifier', 'enum_declaration',
           'internal_module', 'describe', 'expression_statement', 'block_mapping', 'call'}
DEFS = {'method_definition', 'function_definition', 'function_declaration', 'method_declaration', 'function_item', 'method',
        'singleton_method', 'constructor_declaration', 'public_field_definition', 'field_declaration', 'property_declaration',
        'const_declaration', 'decorated_definition', 'class_declaration', 'call'}


def window(doc: Doc, rng: random.Random) -> Doc | None:
    """A self-contained part of the file, 6 to 80 lines: its imports, then one to three neighbouring definitions."""
    tops = blocks_of(doc.root, doc)
    if len(tops) < 2:
        return None
    head_end = 0
    head: list[str] = []
    for node in doc.root.children:
        if node.type in HEADS:
            head += doc.lines[node.row:node.erow + (1 if node.ecol else 0)]
            head_end = node.erow + 1
        elif not node.type.endswith('comment') and node.named:
            break
    head = head[:12]
    tops = [t for t in tops if t[0] >= head_end]
    if not tops:
        return None
    start = rng.randrange(len(tops))
    want = rng.choice((1, 2, 2, 3, 3))
    picked: list[tuple[int, int]] = []
    size = len(head)
    for first, last in tops[start:start + want]:
        if size + last - first > 80:
            break
        picked.append((first, last))
        size += last - first + 1
    if not picked:
        inner = class_window(doc, tops[start], rng)
        body = inner
    else:
        body = doc.lines[picked[0][0]:picked[-1][1]]
    if not body or len(body) < 5 or len(body) > 84:
        return None
    lines = head + ([''] if head else []) + body
    while lines and not lines[-1].strip():
        lines.pop()
    return Doc(doc.path, doc.lang, doc.grammar, '\n'.join(lines) + '\n', f'{doc.key}:{start}+{want}', False)


def blocks_of(root: Node, doc: Doc) -> list[tuple[int, int]]:
    """Top-level definitions as half-open line ranges, with the comments and attributes right above them."""
    out: list[tuple[int, int]] = []
    pending = None
    nodes = root.children
    while len([n for n in nodes if n.named]) == 1 and nodes and doc.grammar in MARKUP:
        nodes = next(n for n in nodes if n.named).children
    for node in nodes:
        if not node.named or node.type in HEADS and node.type not in ('mod_item', 'namespace_definition'):
            pending = None
            continue
        if node.type.endswith('comment') or node.type in ('attribute_item', 'decorator'):
            pending = node.row if pending is None or (out and pending < out[-1][1]) else pending
            continue
        end = node.erow + (1 if node.ecol else 0)
        first = node.row
        if pending is not None and all(doc.lines[r].strip() for r in range(pending, first)):
            first = pending
        pending = None
        if out and first < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((first, end))
    return out


def class_window(doc: Doc, span: tuple[int, int], rng: random.Random) -> list[str]:
    """The head and the end of a large class, and a few members that follow each other."""
    best = None
    for node in doc.root.walk():
        if node.row < span[0] or node.erow > span[1]:
            continue
        members = [c for c in node.children if c.type in DEFS and c.erow > c.row]
        if len(members) >= 2 and node.row > span[0] - 1 and (best is None):
            best = (node, members)
            break
    if best is None:
        return []
    node, members = best
    if members[0].row - span[0] > 25:
        return []
    at = rng.randrange(len(members))
    end = at + 1
    while end < len(members) and end < at + 4 and members[end].erow - members[at].row < 50:
        end += 1
    first, last = members[at].row, members[end - 1].erow + 1
    above = members[at - 1].erow + 1 if at else first
    first = max(above, first - 6) if at else span[0]
    while at and first < members[at].row and not doc.lines[first].strip():
        first += 1
    tail = doc.lines[members[-1].erow + 1:span[1]]
    if len(tail) > 6:
        return []
    top = doc.lines[span[0]:members[0].row] if at else []
    return top + doc.lines[first:last] + tail
