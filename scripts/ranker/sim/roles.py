"""What an occurrence of a name is: whether it declares, and as what it is used."""
from __future__ import annotations

from dataclasses import dataclass

from .grammars import Grammar
from .tree import Doc, Node


@dataclass
class Use:
    """One occurrence of a name."""
    node: Node
    name: str
    role: str  # var, member, method, key, kwarg, label, module, skip, shorthand, shorthand_pattern, export, ...
    decl: str | None  # what it declares, if it does
    owner: Node | None  # the declaring node


def declared(node: Node, g: Grammar) -> tuple[str, Node] | None:
    at = node
    while at.parent is not None:
        key = (at.parent.type, at.field)
        if key in g.opaque:
            return None
        if key in g.decls:
            return g.decls[key], at.parent
        if at.parent.type not in g.through:
            return None
        at = at.parent
    return None


def role(node: Node, g: Grammar, doc: Doc) -> str:
    parent = node.parent
    if node.type == 'shorthand_property_identifier' or parent.type == 'shorthand_field_initializer':
        return 'shorthand'
    if node.type in ('shorthand_property_identifier_pattern', 'shorthand_field_identifier'):
        return 'shorthand_pattern'
    if node.type in ('hash_key_symbol', 'simple_symbol'):
        return 'key'
    key = (parent.type, node.field)
    if key in g.roles:
        found = g.roles[key]
        if found == 'method' and doc.grammar == 'java' and parent.get('object') is not None:
            return 'member'
        if found == 'method' and doc.grammar == 'ruby' and parent.get('receiver') is not None:
            return 'member'
        return found
    if node.type in ('field_identifier', 'property_identifier', 'private_property_identifier') and key not in g.decls:
        return 'member'
    if parent.type == 'token_tree':
        return macro_role(node, doc)
    if doc.grammar == 'kotlin' and parent.type == 'value_argument' and node.pos == 0 and len(parent.children) > 1:
        return 'kwarg'
    if doc.grammar == 'go' and parent.type == 'literal_element' and parent.parent.type == 'keyed_element' and parent.pos == 0:
        return 'key'
    if doc.grammar == 'elisp' and parent.type == 'list' and node.pos == 1:
        return 'head'
    if doc.grammar == 'php' and parent.type not in ('variable_name',) and (parent.type, node.field) not in g.decls:
        return 'callee' if parent.type == 'function_call_expression' else 'type'
    if parent.type == 'dotted_name' and (node.pos > 0 or parent.field == 'module_name'):
        return 'module'
    return 'var'


def macro_role(node: Node, doc: Doc) -> str:
    """Inside a Rust macro the grammar sees tokens only."""
    before = node.sibling(-1)
    after = node.sibling(1)
    gap_before = doc.src[before.b:node.a].decode('utf-8', 'replace').strip() + doc.of(before)[-1:] if before else ''
    line_before = doc.src[max(0, node.a - 2):node.a].decode('utf-8', 'replace')
    line_after = doc.src[node.b:node.b + 3].decode('utf-8', 'replace').lstrip()
    if line_before.endswith('..'):
        return 'var'
    if line_before.endswith('.') or line_before.endswith('::'):
        return 'member'
    if line_after.startswith('=') and not line_after.startswith(('==', '=>')) or (line_after.startswith(':') and not line_after.startswith('::')):
        return 'skip'
    if node.parent.children[0].type == '{' and gap_before.endswith(('{', ',')) and (after is None or doc.of(after) in (',', '}')):
        return 'skip'
    if line_after.startswith('!'):
        return 'macro'
    return 'var'
