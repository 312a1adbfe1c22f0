"""Calls in a syntax tree, whatever the grammar names them."""
from __future__ import annotations

import random

from .tree import Doc, Node

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


def unwrapped(doc: Doc, node: Node) -> tuple[str, str] | None:
    """Of f(x): f and x."""
    while node.type in ('argument', 'value_argument') and len(node.named_children()) == 1:
        node = node.named_children()[0]
    if node.type not in CALLS:
        return None
    found, args = callee(doc, node), arguments(node)
    return (found[0], doc.of(args[1][0])) if found and args and len(args[1]) == 1 else None
