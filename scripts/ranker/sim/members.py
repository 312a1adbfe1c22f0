"""Renaming a field or a method: which accesses mean the class's own. None where an object's type cannot be told."""
from __future__ import annotations

import re

from .case import Span
from .roles import Use
from .scopes import Names
from .tree import Doc, Node

CLASSLIKE = {'class_definition', 'class_declaration', 'class', 'abstract_class_declaration', 'interface_declaration', 'impl_item',
             'trait_item', 'struct_item', 'type_spec', 'struct_specifier', 'class_specifier', 'object_declaration', 'enum_declaration',
             'trait_declaration', 'record_declaration', 'type_alias_declaration', 'module', 'enum_item', 'union_specifier'}

# First words of names that many classes have.
GENERAL = {'get', 'set', 'is', 'has', 'to', 'from', 'with', 'on', 'as', 'add', 'new', 'read', 'write', 'create', 'next', 'last', 'max', 'min', 'do', 'no'}


def class_of(doc: Doc, node: Node) -> Node | None:
    """The class (struct, impl) around a node; in Go the method with its receiver."""
    for up in node.up():
        if up.type in CLASSLIKE and not (up.type == 'module' and doc.grammar != 'ruby'):
            return up
        if doc.grammar == 'go' and up.type == 'method_declaration':
            return up
    return None


def title(doc: Doc, cls: Node | None) -> str:
    if cls is None:
        return ''
    if cls.type == 'method_declaration':
        return re.sub(r'\[.*', '', doc.of(cls.get('receiver'))).strip('() ').split(' ')[-1].lstrip('*')
    if cls.type == 'impl_item':
        return re.sub(r'<.*', '', doc.of(cls.get('type'))) if cls.get('type') else ''
    named = cls.get('name') or next((c for c in cls.children if c.type in ('type_identifier', 'simple_identifier')), None)
    return doc.of(named) if named else ''


def titles(doc: Doc, cls: Node) -> set[str]:
    out = {title(doc, cls)}
    if cls.type in ('struct_specifier', 'union_specifier') and cls.parent.type == 'type_definition':
        out |= {doc.of(c) for c in cls.parent.children if c.field == 'declarator'}
    if cls.type in ('struct_specifier', 'union_specifier') and title(doc, cls):
        for m in re.finditer(rf'typedef\s+(?:struct|union)\s+{re.escape(title(doc, cls))}\s+\*?(\w+);', doc.text):
            out.add(m.group(1))
    return out - {''}


def bases(doc: Doc, cls: Node | None) -> str:
    if cls is None:
        return ''
    end = cls.get('body') or next((c for c in cls.children if c.type in ('class_body', 'body_statement', 'declaration_list')), None)
    return doc.src[cls.a:(end.a if end else cls.a)].decode('utf-8', 'replace')


def object_of(doc: Doc, names: Names, node: Node) -> Node | None:
    """The node left of the dot."""
    parent = node.parent
    if doc.grammar == 'kotlin' and parent.type == 'navigation_suffix':
        return parent.parent.children[0]
    if parent.type == 'token_tree':
        before = node.sibling(-1)
        return before if before and before.type == '.' and node.sibling(-2) else before
    for field in ('object', 'operand', 'value', 'argument', 'receiver', 'table', 'scope'):
        if parent.get(field) is not None and parent.get(field) is not node:
            return parent.get(field)
    return None


def type_of(names: Names, obj: Node) -> str | None:
    """What is said about the type of a variable: its annotation or its first value. None: nothing."""
    doc = names.doc
    name = doc.of(obj).lstrip('$')
    best = None
    for u in names.by.get(name, []):
        if u.decl in ('local', 'param', 'const') or u.decl == 'field' and doc.grammar in ('java', 'kotlin', 'cpp'):
            scope = names.scope(u)
            if scope is None or obj.inside(scope):
                if best is None or (scope is not None and (best[0] is None or scope.inside(best[0]))):
                    best = (scope, u)
    if best is None:
        return None
    owner = best[1].owner
    kind = owner.get('type') or next((c for c in owner.children if c.type in ('user_type', 'type_annotation', 'nullable_type')), None)
    if kind is None and owner.type in ('variable_declarator',) and owner.parent.get('type'):
        kind = owner.parent.get('type')
    if kind is not None and doc.of(kind) not in ('var', 'auto', 'val'):
        return doc.of(kind)
    value = owner.get('right') or owner.get('value')
    if value is None:
        return None
    text = doc.of(value)[:80]
    m = re.match(r'(?:new\s+|&|\*|await\s+)?([A-Z]\w*)\s*(?:\(|\{|::new\b|\.new\b)', text)
    return m.group(1) if m else None


def belongs(names: Names, use: Use, own: set[str], specific: bool) -> bool | None:
    """Whether the member accessed at `use` is that of the classes called `own`."""
    doc = names.doc
    obj = object_of(doc, names, use.node)
    if obj is None:
        return None
    text = doc.of(obj)
    here = class_of(doc, use.node)
    if text.startswith('super') or text == 'parent':
        return None
    if text in ('self', 'this', 'cls', '$this', 'Self'):
        if title(doc, here) in own:
            return True
        if any(re.search(rf'\b{re.escape(o)}\b', bases(doc, here)) for o in own):
            return True
        return False if here is not None else None
    if re.fullmatch(r'\$?\w+', text):
        if text in own:
            return True
        kind = type_of(names, obj)
        if kind is not None:
            kind = re.sub(r'\bSelf\b', title(doc, here), kind)
            return any(re.search(rf'\b{re.escape(o)}\b', kind) for o in own)
    return True if specific else None


def called(use: Use) -> bool:
    """Whether the member is called where it stands."""
    access = use.node.parent
    return access.type == 'method_invocation' or access.parent is not None and access.parent.type == 'call_expression' and access.field == 'function'


def member(names: Names, use: Use, new: str) -> list[Span] | None:
    """Spans that rename the field or method that `use` declares."""
    doc, name = names.doc, use.name
    cls = class_of(doc, use.node)
    if cls is None or cls.error:
        return None
    own = titles(doc, cls)
    if not own:
        return None
    declared_in = set()
    for u in names.by[name]:
        if u.decl in ('field', 'method') or (u.decl == 'ctor'):
            declared_in.add(title(doc, class_of(doc, u.node)))
    parts = re.findall(r'[A-Z]?[a-z]{2,}|[A-Z]{2,}', name)
    specific = declared_in <= own and len(parts) >= 2 and (len(parts) >= 3 or parts[0].lower() not in GENERAL)
    if use.decl == 'method' and sum(1 for u in names.by[name] if u.decl == 'method' and title(doc, class_of(doc, u.node)) in own) > 1:
        return None
    spans: list[Span] = []

    def add(u: Use, text: str = new):
        spans.append(Span(u.node.row, u.node.col, u.node.ecol, text))

    locals_ = names.shadows(name, None)
    for u in names.by[name]:
        here = class_of(doc, u.node)
        if u.role == 'skip':
            return None
        if u.decl in ('field', 'method'):
            if title(doc, here) in own:
                add(u)
        elif u.role == 'member':
            if doc.grammar in ('rust', 'java') and u.node.parent.type != 'token_tree' and called(u) != (use.decl == 'method'):
                if doc.grammar == 'java' or use.decl == 'method' or any(x.decl == 'method' for x in names.by[name]):
                    continue
                return None
            answer = belongs(names, u, own, specific)
            if answer is None:
                return None
            if answer:
                add(u)
        elif u.role == 'method':
            if doc.grammar == 'php':
                answer = belongs(names, u, own, specific)
                if answer is None:
                    return None
                if answer:
                    add(u)
            elif title(doc, here) in own and use.decl == 'method':
                add(u)
            elif any(o in bases(doc, here) for o in own):
                return None
        elif u.role == 'key':
            answer = literal(names, u, own)
            if answer is None:
                return None
            if answer:
                add(u)
        elif u.role in ('shorthand', 'shorthand_pattern'):
            if doc.grammar != 'rust':
                return None
            answer = literal(names, u, own)
            if answer is None:
                return None
            if answer:
                add(u, f'{new}: {name}')
        elif u.role == 'kwarg':
            call = next((p for p in u.node.up() if p.type in ('call', 'call_expression')), None)
            if call is not None and doc.of(call.children[0]) in own and use.decl == 'field':
                add(u)
        elif u.role == 'var' and doc.grammar in ('java', 'kotlin', 'cpp') and u.decl is None:
            if any(u.node.inside(inner) for inner, _ in locals_):
                continue
            inside = title(doc, here) in own or any(title(doc, p) in own for p in u.node.up() if p.type in CLASSLIKE)
            if inside and u.node.type != 'type_identifier':
                add(u)
            elif here is None or any(o in bases(doc, here) for o in own):
                return None
    return spans


def literal(names: Names, u: Use, own: set[str]) -> bool | None:
    """Whether a key stands in a literal (or pattern) of one of the classes."""
    doc = names.doc
    for up in u.node.up():
        kind = None
        if up.type == 'composite_literal':
            kind = up.get('type')
        elif up.type in ('struct_expression',):
            kind = up.get('name')
        elif up.type == 'struct_pattern':
            kind = up.get('type')
        elif up.type in ('literal_value',) and up.parent.type in ('literal_element', 'keyed_element'):
            return None
        if kind is not None:
            text = doc.of(kind).lstrip('*&')
            if text == 'Self':
                text = title(doc, class_of(doc, u.node))
            if re.match(r'(\[|map)', text):
                return any(re.search(rf'\b{re.escape(o)}\b', text) for o in own) or None
            return text.split('<')[0] in own
        if up.type in names.g.funcs:
            break
    return None


def self_fields(names: Names) -> list[Use]:
    """Fields that come to be by an assignment to `self.name` or `@name`; their first assignment stands for the declaration."""
    doc = names.doc
    out = []
    for name, uses in names.by.items():
        if any(u.decl in ('field', 'method') for u in uses):
            continue
        for u in uses:
            if u.role != 'member' or doc.grammar not in ('python', 'javascript', 'typescript', 'tsx', 'lua'):
                continue
            obj = object_of(doc, names, u.node)
            access = u.node.parent
            if obj is not None and doc.of(obj) in ('self', 'this') and access.field in ('left', 'name') and access.parent.type in (
                    'assignment', 'assignment_expression', 'variable_list'):
                out.append(Use(u.node, name, 'member', 'selffield', access.parent))
                break
    return out
