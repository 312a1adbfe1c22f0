"""Checks the recipe on a model and some pairs: packing, the place of the loss, and merging.

Usage: check.py MODEL PAIRS.jsonl [COUNT]
"""
import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from answer_loss import answer_loss
from examples import IGNORED, collate, first_fit_decreasing, pack, read_examples


def loss_sum(model, batch):
    """The summed loss of a batch and how many tokens it is on, as the trainer shifts labels."""
    labels = batch['labels'][:, 1:]
    with torch.no_grad():
        # With a cache the model does not look where positions begin anew; the trainer has none.
        logits = model(**{k: v for k, v in batch.items() if k != 'labels'}, use_cache=False).logits[:, :-1]
    kept = labels != IGNORED
    return torch.nn.functional.cross_entropy(logits[kept].float(), labels[kept], reduction='sum').item(), int(kept.sum())


def main(folder, pairs, count='12'):
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    examples, _ = read_examples(pairs, tokenizer, 1024)
    examples = examples[:int(count)]
    packed = pack(examples, 2048)
    assert len(packed) < len(examples), 'nothing was packed'

    alone = [loss_sum(model, collate([pack([e], 4096)[0]])) for e in examples]
    together = [loss_sum(model, collate([p])) for p in packed]
    (a, n), (b, m) = [tuple(map(sum, zip(*sums))) for sums in (alone, together)]
    assert n == m, f'the loss is on {n} tokens alone and on {m} packed'
    assert abs(a - b) <= 1e-4 * abs(a), f'the loss is {a} alone and {b} packed'
    with torch.no_grad():
        answers = sum(answer_loss(model, {**collate([p]), 'use_cache': False}, 1).item() for p in packed)
    assert abs(a - answers) <= 1e-4 * abs(a), f'the loss is {a}, and {answers} without the logits of prompts'
    print(f'packing: {len(examples)} examples in {len(packed)} sequences, the same loss {a / n:.4f} on {n} tokens')

    for example in examples:
        answer = [token for token, label in zip(example['input_ids'], example['labels']) if label != IGNORED]
        assert example['input_ids'][-len(answer):] == answer, 'the loss is not on the end alone'
    print('the loss is on answers alone')

    bins = first_fit_decreasing([5, 4, 3, 2, 2, 1], 8)
    assert bins == [[0, 2], [1, 3, 4], [5]], bins

    tuned = get_peft_model(model, LoraConfig(task_type='CAUSAL_LM', r=4, target_modules='all-linear', init_lora_weights=False))
    ids = torch.tensor([examples[0]['input_ids'][:200]])
    with torch.no_grad():
        adapted = tuned.eval()(input_ids=ids).logits
        merged = tuned.merge_and_unload()(input_ids=ids).logits
    worst = (adapted - merged).abs().max().item()
    assert worst < 1e-4 * adapted.abs().max().item(), worst
    print(f'merging: logits differ by {worst:.1e} at most')


if __name__ == '__main__':
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
