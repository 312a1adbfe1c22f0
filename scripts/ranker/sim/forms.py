"""Renames that go through the forms of a name: a class with its variables, a prefix that several constants share."""
from __future__ import annotations

import random
import re

from . import names as naming
from .case import Piece, plan
from .grammars import GRAMMARS
from .rename import names_of
from .tree import Doc

NEW = ('Article Invoice Ticket Account Product Channel Device Message Worker Session Report Vehicle Library Payment Station Document Teacher Recipe Packet Window Folder').split()


def plural(word: str) -> str:
    return word[:-1] + 'ies' if re.search('[^aeiou]y$', word) else word + ('es' if re.search('(s|x|ch|sh)$', word) else 's')


def class_forms(doc: Doc, rng: random.Random) -> list[dict]:
    """class Post with post, posts, @posts, POSTS: all forms follow the class."""
    found = names_of(doc)
    classes = [u for us in found.by.values() for u in us if u.decl == 'class' and re.fullmatch(r'[A-Z][a-z]{2,}(?<!s)', u.name)]
    rng.shuffle(classes)
    for u in classes:
        old = u.name
        low = old.lower()
        forms = {old: None, low: None, plural(low): None, plural(old): None, plural(low).upper(): None}
        if not any(x.decl in ('local', 'param', 'field', 'const') or f.startswith('@') for f in (low, plural(low), '@' + low, '@' + plural(low), '_' + low, plural(low).upper()) for x in found.by.get(f, [])):
            continue
        whole = re.compile(r'(?<![A-Za-z0-9])(' + '|'.join(sorted(map(re.escape, forms), key=len, reverse=True)) + r')(?![A-Za-z0-9])')
        new = rng.choice([n for n in NEW if n not in doc.text and n.lower() not in doc.text])
        table = {old: new, low: new.lower(), plural(low): plural(new.lower()), plural(old): plural(new), plural(low).upper(): plural(new.lower()).upper()}
        # Every place of the stem has to be one of the forms as a word of its own; comments and strings too.
        rows, kinds = [], set()
        strict = True
        prose = {r for n in doc.root.walk() if 'comment' in n.type for r in range(n.row, n.erow + 1) if low in doc.lines[r]}
        for r, line in enumerate(doc.lines):
            if low not in line.lower():
                continue
            left = whole.sub('', line)
            if low in left.lower():
                strict = False
                break
            if r in prose or re.search(rf'\b(std::|from |import |use |require)[^;]*{low}', line):
                strict = False
                break
            kinds |= set(whole.findall(line))
            rows.append(r)
        if not strict or len(kinds) < 2 or not 3 <= len(rows) <= 16 or low in ('new', 'set', 'get', 'map', 'list', 'type', 'error', 'string', 'test'):
            continue
        pieces = [Piece(r, r + 1, [whole.sub(lambda m: table[m.group()], doc.lines[r])]) for r in rows]
        first = next((i for i, p in enumerate(pieces) if p.start == u.node.row), None)
        if first is None:
            continue
        order = [pieces[first], *pieces[:first], *pieces[first + 1:]]
        # The other forms follow once one of them was shown.
        done = 2 + (rng.random() < 0.3)
        shown = {f for p in order[:done] for f in whole.findall(doc.lines[p.start])}
        if len(shown) < 2 or done >= len(order):
            continue
        case = plan(doc, 'rename-forms', order[:done], order[done:])
        return [case] if case else []
    return []


def prefix(doc: Doc, rng: random.Random) -> list[dict]:
    """DB_HOST becomes DATABASE_HOST: DB_PORT and DB_NAME follow, here and where they are used."""
    words = re.findall(r'(?<![\w.-])[A-Z][A-Z0-9]+_[A-Z][A-Z0-9_]*(?!\w)', doc.text)
    groups: dict[str, set[str]] = {}
    for w in words:
        groups.setdefault(w.split('_')[0], set()).add(w)
    choices = [(p, ws) for p, ws in groups.items() if len(ws) >= 3 and len(p) >= 2 and p not in ('EXPECT', 'ASSERT', 'TEST') and sum(1 for w in ws if re.search(rf'(?:#define\s+|^\s*[\w\s:]*){w}\s*(?:[=:,]|\s\d|\s")', doc.text, re.M)) >= 2]
    rng.shuffle(choices)
    for old, ws in choices:
        pattern = re.compile(rf'(?<![A-Za-z0-9_-]){re.escape(old)}(?=_[A-Z])')
        rows = [r for r, l in enumerate(doc.lines) if pattern.search(l)]
        if not 3 <= len(rows) <= 14 or re.search(rf'[A-Z0-9]_{re.escape(old)}_', doc.text):
            continue
        low = old.lower()
        new = rng.choice((naming.SYNONYMS.get(low, '') + ' ' + rng.choice(naming.NOUNS)).split()).upper()
        if new == old or new in doc.text:
            continue
        pieces = [Piece(r, r + 1, [pattern.sub(new, doc.lines[r])]) for r in rows]
        done = 2 if len(pieces) > 3 else 1
        if len({pattern.sub('', w) for p in pieces[:done] for w in re.findall(rf'{old}_\w+', doc.lines[p.start])}) < done or done < 2:
            continue
        case = plan(doc, 'rename-prefix', pieces[:done], pieces[done:])
        return [case] if case else []
    return []


def forms(doc: Doc, rng: random.Random) -> list[dict]:
    if doc.grammar in GRAMMARS and rng.random() < 0.6:
        return class_forms(doc, rng) or prefix(doc, rng)
    return prefix(doc, rng)
