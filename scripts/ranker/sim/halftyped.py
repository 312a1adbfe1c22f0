"""Rows of like lines whose last one stands half typed; what is missing can be told from the lines before it."""
from __future__ import annotations

import random
import re

from .case import emit
from .tree import Doc

PIECE = re.compile(r'\d+|[A-Za-z_]+|\s+|[^\w\s]')


def shape(line: str) -> str:
    line = re.sub(r'"[^"]*"', '""', re.sub(r"'[^']*'", "''", line))
    return re.sub(r'\d+', '0', re.sub(r'[A-Za-z_][\w]*', 'a', line))


def norm(word: str) -> str:
    return re.sub(r'[^a-z0-9]', '', word.lower())


def follows(rest: list[str], index: int, pieces: list[str], before: list[list[str]], typed: str) -> bool:
    """Whether the piece at `index` of the line is what the lines before it let one expect."""
    piece = pieces[index]
    column = [b[index] if index < len(b) else None for b in before]
    if column and all(c == piece for c in column):
        return True
    if piece.isdigit() and len(column) >= 2 and all(c and c.isdigit() for c in column):
        numbers = [int(c) for c in column] + [int(piece)]
        steps = {b - a for a, b in zip(numbers, numbers[1:])}
        return len(steps) == 1 and 0 not in steps and len(piece) == len(column[-1]) or len(steps) == 1 and steps != {0}
    if len(piece) == 1 and piece.isalpha() and all(c and len(c) == 1 for c in column) and len(column) >= 2:
        codes = [ord(c) for c in column] + [ord(piece)]
        return {b - a for a, b in zip(codes, codes[1:])} == {1}
    # A name that was typed on this line already, in the place where the lines before repeat theirs.
    if len(norm(piece)) >= 2 and any(norm(w) == norm(piece) for w in re.findall(r'\w+', typed)):
        spots = [i for i, w in enumerate(pieces[:index]) if norm(w) == norm(piece) and w in typed]
        return any(all(i < len(b) and index < len(b) and norm(b[i]) == norm(b[index]) and cased(b[i], b[index]) == cased(pieces[i], piece) for b in before) for i in spots)
    return False


def cased(a: str, b: str) -> tuple[bool, bool, bool]:
    return a == b, b.isupper(), b[:1].isupper()


def half_typed_line(doc: Doc, rng: random.Random) -> list[dict]:
    groups = []
    row = 0
    shapes = [shape(l) for l in doc.lines]
    while row < len(doc.lines):
        end = row + 1
        while end < len(doc.lines) and shapes[end] == shapes[row] and doc.lines[row].strip():
            end += 1
        if end - row >= 3 and re.search(r'\w', doc.lines[row]) and len(doc.lines[row].strip()) >= 8:
            groups.append((row, end))
        row = end
    rng.shuffle(groups)
    for start, end in groups[:8]:
        # The last line of the run, or an earlier one that has at least two before it.
        last = end - 1 if rng.random() < 0.7 else rng.randint(start + 2, end - 1)
        line = doc.lines[last]
        pieces = PIECE.findall(line)
        before = [PIECE.findall(l) for l in doc.lines[max(start, last - 3):last]]
        if any(len(b) != len(pieces) for b in before) or line in doc.lines[start:last]:
            continue
        indent = len(line) - len(line.lstrip())
        body = len(line) - indent
        options = []
        at = 0
        for i, p in enumerate(pieces):
            at += len(p)
            if 0.15 <= (at - indent) / body <= 0.85:
                options.append((i + 1, at))
        rng.shuffle(options)
        for index, cut in options[:4]:
            # Sometimes within the word, where what was typed of it already settles which word it is.
            typed = line[:cut]
            if not all(follows(pieces[i:], i, pieces, before, typed) for i in range(index, len(pieces))):
                continue
            back = rng.randint(0, 2) if len(pieces[index - 1]) > 4 and all(pieces[index - 1] == b[index - 1] for b in before) else 0
            typed = line[:cut - back]
            if len(line.strip()) - len(typed.strip()) < 4 or not re.search(r'\w\w', line[len(typed):]) or not typed.strip():
                continue
            base = doc.lines[:last] + doc.lines[last + 1:]
            states = [base]
            if rng.random() < 0.4:
                states.append(doc.lines[:last] + [line[:indent]] + doc.lines[last + 1:])
            if rng.random() < 0.4 and cut - indent > 6:
                states.append(doc.lines[:last] + [line[:indent + (cut - indent) // 2]] + doc.lines[last + 1:])
            states.append(doc.lines[:last] + [typed] + doc.lines[last + 1:])
            case = emit(doc, 'half-typed', states, [{'start': last, 'end': last + 1, 'lines': [line]}], (last, len(typed)))
            if case:
                return [case]
    return []
