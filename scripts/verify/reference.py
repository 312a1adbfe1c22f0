"""What transformers answers for published weights, for scripts/verify/decoding.ts to compare with.

Reads {"prompts": [[id, …], …], "texts": [[id, …], …], "tokens": n}, and writes for each prompt the greedy ids with the gap between the
two largest logits at each, and the logits after the prompt; for each text, the likeliest next id of each position and the mean loss.

    python3 scripts/verify/reference.py WEIGHTS QUESTIONS ANSWERS

WEIGHTS is a GGUF file or a Hugging Face folder; both are computed in float32. Needs torch, transformers and, for GGUF, gguf.
"""

import json
import os
import sys

import torch
from transformers import AutoModelForCausalLM


def load(weights):
    if weights.endswith(".gguf"):
        folder, name = os.path.split(weights)
        return AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    return AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)


def greedy(model, prompts, count):
    """All prompts, which are equally long, in one batch: the weights are then read once a token, not once a prompt."""
    output = model(torch.tensor(prompts), use_cache=True)
    first = output.logits[:, -1]
    ids, gaps, logits = [], [], first
    for _ in range(count):
        top = torch.topk(logits, 2)
        ids.append(top.indices[:, 0])
        gaps.append(top.values[:, 0] - top.values[:, 1])
        output = model(ids[-1].unsqueeze(1), past_key_values=output.past_key_values, use_cache=True)
        logits = output.logits[:, -1]
    return [
        {
            "ids": [int(step[row]) for step in ids],
            "gaps": [round(float(step[row]), 6) for step in gaps],
            "logits": [round(float(logit), 6) for logit in first[row]],
        }
        for row in range(len(prompts))
    ]


def score(model, text):
    ids = torch.tensor([text])
    logits = model(ids).logits[0]
    loss = torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:])
    return {"top": logits.argmax(-1).tolist(), "loss": float(loss)}


def main(weights, questions, answers):
    with open(questions) as file:
        asked = json.load(file)
    model = load(weights).eval()
    with torch.no_grad():
        answered = {
            "prompts": greedy(model, asked["prompts"], asked["tokens"]),
            "texts": [score(model, text) for text in asked["texts"]],
        }
    with open(answers, "w") as file:
        json.dump(answered, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
