#!/usr/bin/env python3
"""Hashes of APEval's prompts as the authors' own code renders them, for test/eval/apeval/renders.json.

    git clone https://github.com/TechxGenus/CursorCore
    pip install Levenshtein rapidfuzz tqdm jinja2
    python scripts/verify/apeval_renders.py CursorCore > test/eval/apeval/renders.json

Each hash is the SHA-256 of what all tasks of benchmark/apeval.json are rendered to, in their order: the messages as
`prepare_input_for_*` of eval/utils.py makes them, and for CursorCore's own formats the whole prompt too, by the chat
template `assistant-conversation` of train/prepare_conversation.py. `tasks` has one short hash for each task, to find one that
differs.
"""
import ast
import copy
import hashlib
import json
import sys
from pathlib import Path

if len(sys.argv) != 2:
    sys.exit(__doc__)
repository = Path(sys.argv[1])
sys.path.insert(0, str(repository))

import jinja2
from eval import utils
from generic.special_tokens import TARGET, TARGET_END, TARGET_START

FORMATS = {
    "wholeFile": utils.prepare_input_for_wf,
    "locationAndChange": utils.prepare_input_for_lc,
    "searchAndReplace": utils.prepare_input_for_sr,
    "fewShotBase": utils.prepare_input_for_base,
    "fewShotInstruct": utils.prepare_input_for_instruct,
}


def prepared(sample, target_area, window):
    """As the loop of eval/eval_apeval.py does it, which cannot be imported: it asks a model."""
    sample = copy.deepcopy(sample)
    area, current = sample.get("area"), sample["current"]
    if target_area and isinstance(area, int):
        current["code"] = current["code"][:area] + TARGET + current["code"][area:]
    elif target_area and isinstance(area, list):
        start, end = area
        current["code"] = current["code"][:end] + TARGET_END + current["code"][end:]
        current["code"] = current["code"][:start] + TARGET_START + current["code"][start:]
    if window and len(sample["history"]) >= window:
        sample["history"] = sample["history"][-window:]
    return sample


def chat_template():
    tree = ast.parse((repository / "train" / "prepare_conversation.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") == "chat_template":
            named = {one["name"]: one["template"] for one in ast.literal_eval(node.value)}
            return jinja2.Environment(trim_blocks=True, lstrip_blocks=True).from_string(named["assistant-conversation"])
    raise SystemExit("no chat templates found")


def digest(texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def texts_of(rendered):
    return [rendered] if isinstance(rendered, str) else [part for one in rendered for part in (one["role"], one["content"])]


samples = json.loads((repository / "benchmark" / "apeval.json").read_text())
template = chat_template()
renders = []
for format, prepare in FORMATS.items():
    for target_area, window in ((False, None), (True, None), (False, 2)):
        tasks = [texts_of(prepare(prepared(sample, target_area, window))) for sample in samples]
        one = {"format": format, "targetArea": target_area, **({"window": window} if window else {})}
        one["messages"] = digest(text for task in tasks for text in task)
        if format in ("wholeFile", "locationAndChange", "searchAndReplace"):
            conversations = [prepare(prepared(sample, target_area, window)) for sample in samples]
            one["prompts"] = digest(template.render(messages=c, add_generation_prompt=True) for c in conversations)
        one["tasks"] = "".join(digest(task)[:4] for task in tasks)
        renders.append(one)
print(json.dumps(renders, indent=1))
