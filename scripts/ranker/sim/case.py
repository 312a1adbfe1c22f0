"""From edits to cases: pieces are line-wise changes of one text; some are made already, the others remain."""
from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from .tree import Doc


@dataclass
class Piece:
    """Lines `start` to `end` (half-open) become `lines`; `alts` are other texts that are as right."""
    start: int
    end: int
    lines: list[str]
    alts: list[list[str]] = field(default_factory=list)
    optional: bool = False


@dataclass
class Span:
    """Bytes `a` to `b` of one row become `new`."""
    row: int
    a: int
    b: int
    new: str
    alts: tuple[str, ...] = ()


Group = tuple[list[Piece], bool, str]  # pieces, whether two examples are needed, what it is


def put(line: bytes, spans: list[Span]) -> str:
    for span in sorted(spans, key=lambda s: -s.a):
        line = line[:span.a] + span.new.encode() + line[span.b:]
    return line.decode('utf-8', 'replace')


def by_row(doc: Doc, spans: list[Span]) -> list[Piece]:
    """One piece for every row that has spans; alternatives where a span has some."""
    rows: dict[int, list[Span]] = {}
    for span in spans:
        rows.setdefault(span.row, []).append(span)
    out = []
    for row, here in sorted(rows.items()):
        alts = []
        if any(s.alts for s in here):
            for k in range(max(len(s.alts) for s in here)):
                alts.append([put(doc.raw[row], [Span(s.row, s.a, s.b, s.alts[min(k, len(s.alts) - 1)] if s.alts else s.new) for s in here])])
        out.append(Piece(row, row + 1, [put(doc.raw[row], here)], alts))
    return out


def shift(piece: Piece, done: list[Piece]) -> int:
    """How far `piece` has moved after the pieces in `done`."""
    return sum(len(d.lines) - (d.end - d.start) for d in done
               if d is not piece and (d.start, d.end) <= (piece.start, piece.end) and d.end <= max(piece.start, d.start))


def apply(lines: list[str], pieces: list[Piece]) -> list[str]:
    out = list(lines)
    for p in sorted(pieces, key=lambda p: (p.start, p.end), reverse=True):
        out[p.start:p.end] = p.lines
    return out


def common_ends(old: Sequence, new: Sequence) -> tuple[int, int]:
    """How many items, or characters, are the same at the start and, of the rest, at the end."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def halfway(old: str, new: str, rng: random.Random) -> tuple[str, int] | None:
    """A line on its way from `old` to `new`: what goes is gone, some of what comes is there. The line, and the
    column that typing has come to; None for a change too short."""
    head, tail = common_ends(old, new)
    if len(new) - tail - head < 3:
        return None
    keep = rng.randint(1, len(new) - tail - head - 1)
    out = new[:head + keep] + (old[len(old) - tail:] if tail else '')
    return (out, head + keep) if out != old else None


def end_of_change(old: list[str], new: list[str]) -> tuple[int, int]:
    """Where typing ended in `new`: after the last character that differs from `old`."""
    head, tail = common_ends(old, new)
    row = max(len(new) - tail - 1, 0)
    old_row = len(old) - tail - 1
    if row < head:  # lines were deleted: the start of what stands there now
        row = min(head, len(new) - 1)
        return row, len(new[row]) - len(new[row].lstrip())
    line = new[row]
    if old_row < head:
        return row, len(line)
    other = old[old_row]
    same = 0
    while same < min(len(other), len(line)) and other[-1 - same] == line[-1 - same]:
        same += 1
    front = 0
    while front < min(len(other), len(line)) and other[front] == line[front]:
        front += 1
    return row, max(len(line) - same, min(front, len(line)))


def runs(todo: list[Piece], done: list[Piece]) -> list[dict]:
    """Every piece alone, its alternatives, and every run of touching pieces up to 12 lines, in lines of the current text."""
    todo = sorted(todo, key=lambda p: (p.start, p.end))
    out = []

    def add(start, end, lines):
        entry = {'start': start, 'end': end, 'lines': list(lines)}
        if entry not in out:
            out.append(entry)

    for i, p in enumerate(todo):
        s = shift(p, done)
        add(p.start + s, p.end + s, p.lines)
        for other in p.alts:
            add(p.start + s, p.end + s, other)
        end, lines = p.end, list(p.lines)
        second = list(p.alts[0]) if p.alts else None
        for q in todo[i + 1:i + 12]:
            if q.start != end or q.start == p.start or len(lines) + len(q.lines) > 12:
                break
            if second is not None or q.alts:
                second = (second if second is not None else list(lines)) + list(q.alts[0] if q.alts else q.lines)
            end, lines = q.end, lines + q.lines
            if shift(q, done) != s:
                break
            add(p.start + s, end + s, lines)
            if second is not None:
                add(p.start + s, end + s, second)
    return out


def offset(lines: list[str], row: int, col: int) -> int:
    return sum(len(l) + 1 for l in lines[:row]) + col


def emit(doc: Doc, kind: str, states: list[list[str]], remaining: list[dict], cursor: tuple[int, int] | None = None) -> dict | None:
    """The case whose texts are `states`, the current one last. None where something is off."""
    clean = [states[0]]
    for s in states[1:]:
        if s != clean[-1]:
            clean.append(s)
    if len(clean) < 2:
        return None
    current = clean[-1]
    row, col = cursor or end_of_change(clean[-2], current)
    for r in remaining:
        if r['start'] > r['end'] or r['end'] > len(current) or current[r['start']:r['end']] == r['lines']:
            return None
    texts = ['\n'.join(s) for s in clean]
    return {'id': doc.key, 'set': kind, 'lang': doc.lang, 'path': doc.path, 'history': texts[:-1][-8:], 'current': texts[-1],
            'cursor': offset(current, min(row, len(current) - 1), col), 'remaining': remaining}


def plan(doc: Doc, kind: str, done: list[Piece], todo: list[Piece], base: list[str] | None = None,
         before: list[list[str]] | None = None) -> dict | None:
    """`done` was made in its order on `base` (the document's lines), `todo` remains. `before`: states still earlier."""
    lines = base if base is not None else doc.lines
    states = list(before or []) + [apply(lines, done[:k]) for k in range(len(done) + 1)]
    return emit(doc, kind, states, runs(todo, done))


def touched(case: dict) -> set[int]:
    return {r for h in case['remaining'] for r in range(h['start'] - 1, h['end'] + 1)}
