"""Which occurrences of a name belong together. Where the tree alone does not tell, there is no answer (None)."""
from __future__ import annotations

import re

from .case import Span
from .grammars import GRAMMARS
from .roles import Use, declared, role
from .tree import Doc, Node


class Names:
    """All names of a document, by text."""

    def __init__(self, doc: Doc):
        self.doc = doc
        self.g = GRAMMARS[doc.grammar]
        self.by: dict[str, list[Use]] = {}
        for leaf in doc.root.walk():
            if leaf.children or leaf.type not in self.g.names or leaf.row != leaf.erow or leaf.a == leaf.b or leaf.parent is None:
                continue
            name = doc.of(leaf)
            if leaf.type == 'simple_symbol':
                name = name[1:]
            found = declared(leaf, self.g)
            kind, owner = found if found else (None, None)
            r = role(leaf, self.g, doc)
            if doc.grammar in ('kotlin',) and found and leaf.type == 'simple_identifier' and owner.type in ('parameter', 'class_parameter', 'function_declaration'):
                first = next((c for c in owner.children if c.type == 'simple_identifier'), None)
                if first is not leaf:
                    kind, owner = None, None
            if doc.grammar == 'kotlin' and kind == 'class' and next((c for c in owner.children if c.type == 'type_identifier'), None) is not leaf:
                kind, owner = None, None
            if doc.grammar == 'lua' and kind == 'local':
                kind = self.lua_kind(owner)
            if doc.grammar == 'python' and kind == 'local' and owner.type == 'as_pattern' and leaf.field != 'alias' and leaf.parent is owner:
                kind, owner = None, None
            if doc.grammar in ('c', 'cpp') and kind == 'func' and leaf.type == 'field_identifier':
                kind = 'method'
            if doc.grammar in ('c', 'cpp') and kind == 'local' and any(p.type == 'function_declarator' for p in upto(leaf, owner)):
                kind = 'func'
            if doc.grammar in ('c', 'cpp') and kind == 'class' and owner.get('body') is None and owner.type.endswith('specifier'):
                kind, owner = None, None
            if doc.grammar == 'java' and kind == 'local' and owner.parent.type in ('field_declaration', 'constant_declaration'):
                kind = 'field'
            if doc.grammar == 'kotlin' and kind == 'local' and owner.parent.type == 'property_declaration' and owner.parent.parent.type in ('class_body',):
                kind = 'field'
            if doc.grammar == 'kotlin' and kind == 'func' and owner.parent.type == 'class_body' or kind == 'func' and doc.grammar == 'rust' and self.in_class(owner):
                kind = 'method'
            if doc.grammar == 'python' and kind in ('func', 'local') and self.in_class(owner):
                kind = 'method' if kind == 'func' else 'field'
            if doc.grammar == 'ruby' and leaf.type == 'constant' and kind == 'local':
                kind = 'const'
            if r in ('member', 'key', 'label', 'kwarg') and kind not in ('field', 'method'):
                kind, owner = None, None
            self.by.setdefault(name, []).append(Use(leaf, name, r, kind, owner))

    def lua_kind(self, owner: Node) -> str:
        chain = [owner, *owner.up()][:3]
        if any(n.type in ('variable_declaration', 'for_generic_clause') for n in chain):
            return 'local'
        return 'assign'

    def in_class(self, owner: Node) -> bool:
        for up in owner.up():
            if up.type in self.g.classes:
                return True
            if up.type in self.g.funcs:
                return False
        return False

    def scope(self, use: Use) -> Node | None:
        """The node in which a declared name can be seen; None for the whole file."""
        start = use.owner
        if use.decl in ('func', 'class', 'method'):
            chain = start.up()
        else:
            chain = iter([start, *start.up()])
        hoisted = self.doc.grammar in ('javascript', 'typescript', 'tsx') and start.type == 'variable_declarator' and start.parent.type == 'variable_declaration'
        for node in chain:
            if self.doc.grammar == 'python' and node.type.endswith(('comprehension', 'generator_expression')) and start.type != 'for_in_clause':
                continue
            if node.type in self.g.funcs:
                if self.doc.grammar == 'ruby' and use.decl == 'local' and node.type in ('do_block', 'block', 'lambda') and self.known_outside(use.name, node):
                    continue
                return node
            if node.type in self.g.blocks and not hoisted:
                return node
        return None

    def known_outside(self, name: str, block: Node) -> bool:
        """Whether the method (or block) around a Ruby block has a variable of this name already."""
        for up in block.up():
            if up.type in self.g.funcs:
                if any(u.decl in ('local', 'param') and u.node.inside(up) and not u.node.inside(block) and u.node.a < block.a for u in self.by[name]):
                    return True
                if up.type in ('method', 'singleton_method'):
                    return False
        return any(u.decl == 'local' and u.node.a < block.a and not any(p.type in self.g.funcs for p in u.node.up()) for u in self.by[name])

    def shadows(self, name: str, scope: Node | None, own: Node | None = None) -> list[tuple[Node, Use]]:
        """Scopes inside `scope` that declare `name` again."""
        out = []
        for use in self.by[name]:
            if use.decl in (None, 'field', 'method', 'assign', 'variant', 'ctor', 'kwparam', 'macro') or scope is not None and not use.node.inside(scope):
                continue
            inner = self.scope(use)
            if inner is None or inner is scope:
                continue
            out.append((inner, use))
        return out


def upto(node: Node, owner: Node):
    for up in node.up():
        if up is owner:
            return
        yield up


def text_uses(doc: Doc, name: str, scope: Node | None) -> list[Node]:
    """Rust format strings that name `name` in braces."""
    out = []
    for node in doc.root.walk():
        if node.type == 'string_content' and (scope is None or node.inside(scope)) and re.search(rf'\{{{re.escape(name)}[:}}]', doc.of(node)):
            out.append(node)
    return out


def variable(names: Names, use: Use, new: str) -> list[Span] | None:
    """Spans that rename what `use` declares (a variable, parameter, function, class, constant, import) to `new`."""
    doc, g, name = names.doc, names.g, use.name
    scope = names.scope(use)
    if scope is not None and scope.error:
        return None
    shadows = names.shadows(name, scope)
    block_scoped = bool(g.blocks)
    same = [u for u in names.by[name] if u.decl not in (None, 'assign', 'field', 'method', 'ctor') and names.scope(u) is scope]
    if doc.grammar in ('rust', 'lua', 'kotlin') and len(same) > 1 and scope is not None:
        return None
    if scope is None and len({u.owner.type for u in same}) > 1 and use.decl in ('func', 'class'):
        return None
    if doc.grammar == 'kotlin' and use.decl in ('func', 'method') and len([u for u in names.by[name] if u.decl]) > 1:
        return None
    if doc.grammar in ('python', 'ruby') and sum(u.owner.type in ('as_pattern', 'for_statement', 'exception_variable') or u.decl == 'param' for u in same) > 1:
        return None  # one name for several things: who renames one of them may mean that one alone
    if scope is None and use.decl != 'local' and len(same) > 1:
        return None
    if doc.grammar == 'php' and use.decl in ('local', 'param') and scope is not None:
        closures = [n for n in scope.walk() if n.type == 'anonymous_function' and n is not scope]
        if any(u.node.inside(c) for u in names.by[name] for c in closures):
            return None
    for inner, again in shadows:
        if block_scoped and again.decl != 'param':
            # What stands in the inner scope before the name is declared again means the outer one, as does its own value.
            stop = again.owner.b if again.owner.type not in g.blocks else again.node.b
            if any(u.node.inside(inner) and u is not again and u.role == 'var' and u.node.a < stop for u in names.by[name]):
                return None
    spans = []
    for u in names.by[name]:
        node = u.node
        if scope is not None and not node.inside(scope):
            if u.role == 'kwarg' and use.decl == 'param':
                belongs = calls_of(names, u, scope)
                if belongs is None:
                    return None
                if belongs:
                    spans.append(Span(node.row, node.col, node.ecol, new))
            continue
        if any(node.inside(inner) for inner, _ in shadows):
            continue
        if u.role == 'skip' or u.role == 'member' and doc.grammar == 'cpp' and node.parent.type == 'qualified_identifier' and use.decl == 'func':
            return None
        if u.role == 'kwarg' and use.decl == 'param' and scope is not None and calls_of(names, u, scope):
            spans.append(Span(node.row, node.col, node.ecol, new))
            continue
        if u.role in ('member', 'key', 'kwarg', 'label', 'module', 'head', 'word', 'macro') or u.decl in ('field', 'method', 'variant', 'kwparam'):
            continue
        if u.role == 'method' and use.decl != 'func':
            continue
        if u.decl == 'ctor' and use.decl != 'class':
            continue
        if doc.grammar == 'php' and (u.role in ('type',)) != (use.decl == 'class') or doc.grammar == 'php' and (u.role == 'callee') != (use.decl == 'func') and not u.decl:
            if not u.decl or u.decl != use.decl:
                continue
        if node.type == 'type_identifier' and use.decl in ('local', 'param'):
            continue
        if block_scoped and scope is not None and use.decl == 'local' and node.b <= use.node.a:
            continue  # before it is declared
        if block_scoped and scope is not None and use.decl == 'local' and use.owner.inside(scope) and u is not use and node.inside(use.owner) and use.owner.type not in g.blocks:
            if doc.grammar not in ('javascript', 'typescript', 'tsx', 'java'):
                return None  # its own value names another variable of this name
        if u.role == 'shorthand':
            spans.append(Span(node.row, node.col, node.ecol, f'{name}: {new}', (new,)))
        elif u.role == 'shorthand_pattern':
            if u.decl is None:
                return None
            spans.append(Span(node.row, node.col, node.ecol, f'{name}: {new}'))
        else:
            spans.append(Span(node.row, node.col, node.ecol, new))
    if doc.grammar == 'rust':
        for node in text_uses(doc, name, scope):
            if any(node.inside(inner) for inner, _ in shadows):
                continue
            if not any(up.type == 'token_tree' for up in node.up()):
                continue
            for m in re.finditer(rf'\{{({re.escape(name)})[:}}]'.encode(), doc.src[node.a:node.b]):
                if node.row == node.erow:
                    spans.append(Span(node.row, node.col + m.start(1), node.col + m.end(1), new))
    if doc.grammar in ('c', 'cpp'):
        for node in doc.root.walk():
            if node.type == 'preproc_arg' and re.search(rf'\b{re.escape(name)}\b', doc.of(node)):
                return None
    return spans if spans_ok(spans) else None


def spans_ok(spans: list[Span]) -> bool:
    seen = set()
    for s in spans:
        if (s.row, s.a) in seen:
            return False
        seen.add((s.row, s.a))
    return bool(spans)


def calls_of(names: Names, use: Use, func: Node) -> bool | None:
    """Whether a keyword argument belongs to a call of `func`; None where that cannot be told."""
    owner = func.get('name') or next((c for c in func.children if c.type == 'simple_identifier'), None)
    if owner is None:
        return False
    name = names.doc.of(owner)
    for up in use.node.up():
        if up.type in ('call', 'call_expression', 'function_call_expression', 'member_call_expression', 'object_creation_expression'):
            callee = names.doc.of(up.children[0]) if up.type != 'object_creation_expression' else ''
            last = re.split(r'[.>:]', callee)[-1]
            if name in ('__init__', '__construct', '__new__'):
                for cls in func.up():
                    if cls.type in names.g.classes:
                        title = names.doc.of(cls.get('name')) if cls.get('name') else ''
                        return None if last in (title, 'cls', '__init__') or callee.startswith('super') else False
                return False
            if last != name:
                return False
            return True if callee == name else None
    return False
