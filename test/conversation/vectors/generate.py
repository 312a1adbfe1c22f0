#!/usr/bin/env python3
"""Makes vectors.jsonl: prompts and answers as the authors of CursorCore render them.

    git clone https://github.com/TechxGenus/CursorCore
    pip install Levenshtein rapidfuzz tqdm jinja2
    python generate.py CursorCore > vectors.jsonl

The inputs are our own (see `cases`), or with --samples FILE those of a JSON list in the shape that the authors'
train/prepare_data.py reads. Messages and answers come from that program, the one-shot prompts from eval/utils.py, excerpts
from decorate_code, whole prompts from the chat templates in train/prepare_conversation.py.
"""

import argparse
import ast
import copy
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("repository", type=Path)
parser.add_argument("--samples", type=Path)
args = parser.parse_args()
sys.path.insert(0, str(args.repository))

import jinja2
from eval.utils import prepare_input_for_base, prepare_input_for_instruct
from generic.special_tokens import TARGET, TARGET_END, TARGET_START
from generic.utils import decorate_code


def sample(name, history, current, next_=None, lang="python", loc=None, user="", chat="", excerpts=()):
    def code(text):
        return {"type": "code", "lang": lang, "code": text}

    return {
        "name": name,
        "history": [code(text) for text in history],
        "current": code(current),
        "next": code(current if next_ is None else next_),
        "loc": loc,
        "user": user,
        "chat": chat,
        "excerpts": list(excerpts),
    }


def long_texts(seed, lines, words):
    """A text of many lines that recur, and the same after a few changes."""
    chance = random.Random(seed)
    text = ["    " * chance.randrange(3) + chance.choice(words) for _ in range(lines)]
    later = list(text)
    for _ in range(9):
        at = chance.randrange(len(later))
        how = chance.randrange(4)
        if how == 0:
            later.insert(at, chance.choice(words))
        elif how == 1:
            del later[at]
        elif how == 2:
            later[at] = chance.choice(words) + " # changed"
        else:
            other = chance.randrange(len(later))
            later[at : at + 4], later[other : other + 3] = later[other : other + 3], later[at : at + 4]
    return "\n".join(text), "\n".join(later)


def cases():
    area = "class Box:\n    def area(self):\n        return self.w * self.h\n\n    def size(self):\n        return self.w\n"
    renamed = area.replace("self.w", "self.width")
    half = area.replace("self.w *", "self.width *")
    yield sample("a rename goes on", [area], half, renamed, loc=62, chat="The attribute is `width` now.")
    yield sample("an instruction alone", [], area, area + "\n    def volume(self):\n        return 0\n", user="Add volume.")
    yield sample("several steps", [area, half], renamed, renamed.replace("Box", "Crate"), user="Rename the class", loc=6)
    yield sample("a selection", [], area, renamed, loc=[26, 60])
    yield sample("a selection of nothing", [], area, renamed, loc=[30, 30])
    yield sample("no language", [area], half, renamed, lang="")
    yield sample("another language", ["int a;\nint b;"], "int a;\nlong b;", "long a;\nlong b;", lang="c++")
    yield sample("an empty text", [], "", "print(1)\n", loc=None)
    yield sample("written from nothing", [""], "import os", "import os\nimport sys")
    yield sample("everything taken out", ["a\nb\nc"], "", "a")
    yield sample("only a line end", ["\n"], "\n\n", "x\n\n")
    yield sample("a final line end comes", ["a"], "a\n", "a\nb\n")
    yield sample("nothing changed", ["a\nb"], "a\nb", "a\nb")
    yield sample("white space alone", ["if a:\n  b\nc"], "if a:\n  b \n c", "if a:\n  b\nc")
    yield sample("deeper than before", ["if a:\nb\nc"], "if a:\n    b\nc", "if a:\n    b\n    c")
    yield sample("white space of many kinds", ["a\u00a0b\nc\x1cd\n\ufeffe"], "a b\nc d\ne", "a\u2003b\nc\x85d\n\u200be")
    yield sample("lines that recur", ["x\n}\n\nx\n}\n\nx\n}"], "x\n}\n\nx\ny\n}\n\nx\n}", "x\n}\n\nx\ny\n}\n\nx\ny\n}")
    yield sample("the same line throughout", ["\n".join("a" * 9)], "\n".join("a" * 12), "\n".join("a" * 7))
    yield sample("blank lines come and go", ["a\n\n\nb\n\nc"], "a\nb\n\n\n\nc", "\na\nb\nc\n\n")
    yield sample("near each other", ["a\nb\nc\nd\ne\nf\ng"], "A\nb\nC\nd\ne\nF\ng", "A\nB\nC\nD\ne\nF\nG")
    yield sample("moved", ["one\ntwo\nthree\nfour\nfive"], "four\nfive\none\ntwo\nthree", "three\nfour\nfive\none\ntwo")
    yield sample("fences inside", ["# T\n\n```js\na\n```\n"], "# T\n\n```js\nb\n```\n", "# T\n\n```js\nb()\n```\n\n```\nc\n```\n", lang="markdown")
    yield sample("a docstring with fences", ['def f():\n    """\n    ```\n    f()\n    ```\n    """'], 'def g():\n    """\n    ```\n    f()\n    ```\n    """', 'def g():\n    """\n    ```\n    g()\n    ```\n    """')
    yield sample("control tokens in the text", ["a = '<|im_end|>'\n"], "a = '<|im_end|>'\nb = '<|target|>'\n", "a = '<|im_end|>'\nb = '<|next_end|>'\n", loc=5)
    yield sample("control tokens in the words", [], "a\n", "b\n", user="What is <|im_start|>system\nfor? ", chat="It is a token.")
    yield sample("words with space around", ["a"], "b", "c", user=" \n  Do it.\u00a0\n\n")
    yield sample("beyond the basic plane", ["s = '\U0001f600'\n"], "s = '\U0001f600\U0001f680'\n", "s = '\U0001f680'\n", loc=6)
    yield sample("selected beyond the basic plane", ["\U0001f600 a\n"], "\U0001f600 b \U0001f680\n", "\U0001f680\n", loc=[1, 5])
    yield sample("lines like marks of a diff", ["--- a\n+++ b\n@@ -1 +1 @@\n x"], "--- b\n+++ b\n@@ -1 +1 @@\n-x", "+++ b\n@@ -1 +1 @@\n+x")
    yield sample("names that objects have", ["__proto__\nconstructor\nx"], "__proto__\nconstructor\ny\n__proto__", "toString\nconstructor\ny")
    yield sample("an excerpt", [], "\n".join(f"line {i}" for i in range(12)), excerpts=[[0, 12], [0, 5], [3, 9], [7, 12], [11, 12]])
    yield sample("an excerpt at a final line end", [], "a\nb\nc\n", excerpts=[[0, 3], [1, 4], [3, 4], [2, 3]])
    for seed, lines, words in ((1, 199, 40), (2, 200, 40), (3, 260, 12)):
        before, after = long_texts(seed, lines, [f"w{i}" for i in range(words)] + ["", "}"])
        later = long_texts(seed + 100, 60, ["x", "y", "z"])[0]
        yield sample(f"{lines} lines, {words} words", [before], after, after.replace("w1", "v1") + "\n" + later[:90])


def prepared(samples, format_type):
    """What train/prepare_data.py makes of the samples: per sample the messages and the answer."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "in.json"), Path(folder, "out.json")
        given.write_text(json.dumps(samples))
        program = args.repository / "train" / "prepare_data.py"
        command = [sys.executable, program, "--input_path", given, "--output_path", made, "--format_type", format_type]
        subprocess.run(command, check=True)
        return [(messages[:-1], messages[-1]["content"]) for messages in json.loads(made.read_text())]


def marked(one):
    """As eval/eval_apeval.py puts the target area into the code."""
    one = copy.deepcopy(one)
    code, loc = one["current"]["code"], one["loc"]
    if isinstance(loc, int):
        code = code[:loc] + TARGET + code[loc:]
    elif loc:
        code = code[: loc[0]] + TARGET_START + code[loc[0] : loc[1]] + TARGET_END + code[loc[1] :]
    one["current"]["code"] = code
    return one


def chat_templates():
    tree = ast.parse((args.repository / "train" / "prepare_conversation.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") == "chat_template":
            return {one["name"]: one["template"] for one in ast.literal_eval(node.value)}
    raise SystemExit("no chat templates found")


def templated(messages, answer, templates):
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    begun = messages + [{"role": "assistant", "content": answer}]
    return {
        name: environment.from_string(template).render(
            messages=begun if name == "prefix_response" else messages, add_generation_prompt=True
        )
        for name, template in templates.items()
    }


def utf16(text, loc):
    """Code points to UTF-16 code units."""
    def at(offset):
        return len(text[:offset].encode("utf-16-le")) // 2

    return None if loc is None else at(loc) if isinstance(loc, int) else [at(end) for end in loc]


samples = json.loads(args.samples.read_text()) if args.samples else list(cases())
templates = chat_templates()
formats = {"wf": "wholeFile", "lc": "locationAndChange", "sr": "searchAndReplace"}
by_format = {name: prepared(samples, name) for name in formats}
vectors = []
for i, one in enumerate(samples):
    current = one["current"]["code"]
    vector = {
        "name": one["name"],
        "languageId": one["current"]["lang"],
        "history": [step["code"] for step in one["history"]],
        "current": current,
        "target": utf16(current, one["loc"]),
        "instruction": one["user"],
        "next": one["next"]["code"],
        "chat": one["chat"],
        "formats": {
            name: {"messages": by_format[short][i][0], "answer": by_format[short][i][1]} for short, name in formats.items()
        },
        "fewShotInstruct": prepare_input_for_instruct(marked(one)),
        "fewShotBase": prepare_input_for_base(marked(one)),
        "excerpts": [
            {"first": first, "last": last}
            | {
                name: decorate_code(current, one["current"]["lang"], numbers, first, last)
                for name, numbers in (("plain", False), ("numbered", True))
            }
            for first, last in one["excerpts"]
        ],
    }
    if not args.samples and current.count("\n") > 150:
        # What quotes a long text whole shows nothing that a short one does not.
        del vector["formats"]["wholeFile"], vector["fewShotInstruct"], vector["fewShotBase"]
    if i < 6:
        vector["templates"] = templated(*by_format["wf"][i], templates)
    vectors.append(vector)
for vector in vectors:
    print(json.dumps(vector, separators=(",", ":")))
