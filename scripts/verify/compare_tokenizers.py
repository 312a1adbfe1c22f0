"""The second half of tokenizers.ts: compares OUT/ids.jsonl with a reference. See there."""

import argparse
import json
import urllib.request
from pathlib import Path


def hugging_face(path):
    """Encoders by Hugging Face's `tokenizers`: with the added tokens, and without."""
    from tokenizers import Tokenizer

    description = json.loads(Path(path).read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_str(json.dumps(description))
    description["added_tokens"] = []
    plain = Tokenizer.from_str(json.dumps(description))
    return (
        lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
        lambda text: plain.encode(text, add_special_tokens=False).ids,
    )


def llama_server(url):
    """Encoders by llama-server: with control tokens recognised, and as plain text."""

    def encode(text, special):
        body = {"content": text, "add_special": False, "parse_special": special}
        request = urllib.request.Request(
            f"{url}/tokenize",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)["tokens"]

    return lambda text: encode(text, True), lambda text: encode(text, False)


def report(kind, name, text, ours, theirs):
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    near = f"{ours[max(0, at - 2):at + 4]} against {theirs[max(0, at - 2):at + 4]}"
    print(f"{kind}: {name} ({len(text)} characters) differs at token {at} of {len(theirs)}: {near}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--tokenizer", help="tokenizer.json of the reference; OUT/tokenizer.json if not given")
    parser.add_argument("--server", help="address of a llama-server with the same model")
    parser.add_argument("--show", type=int, default=20, help="how many differences to list")
    arguments = parser.parse_args()
    if arguments.server:
        encode, encode_plain = llama_server(arguments.server)
    else:
        encode, encode_plain = hugging_face(arguments.tokenizer or arguments.out / "tokenizer.json")

    texts = tokens = shown = 0
    differ = {"with control tokens": 0, "as plain text": 0}
    with open(arguments.out / "ids.jsonl", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            texts += 1
            for kind, ours, theirs in (
                ("with control tokens", case["ids"], encode(case["text"])),
                ("as plain text", case["plainIds"], encode_plain(case["text"])),
            ):
                tokens += len(theirs)
                if ours == theirs:
                    continue
                differ[kind] += 1
                if shown < arguments.show:
                    report(kind, case["name"], case["text"], ours, theirs)
                    shown += 1
    print(f"{texts} texts, {tokens} tokens compared; texts that differ: {differ}")


main()
