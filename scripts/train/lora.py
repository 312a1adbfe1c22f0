"""Trains LoRA of a Qwen2 model on pairs of prompt and answer in a given time, as fast as a GPU can: for where its minutes are counted.

Usage: lora.py CONFIG.json [--tokenize-only]

README.md beside this has the fields. Writes OUT/adapter again and again, for `cursorcore-lsp model import BASE --adapter OUT/adapter` and for peft,
OUT/loss.csv, OUT/eval.csv, and the pairs' ids, OUT/*.npz, which are not made twice.
"""
import csv
import functools
import gzip
import hashlib
import json
import lzma
import math
import multiprocessing
import os
import sys
import time

os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')

import numpy as np
import torch

from examples import pair_ids
from qwen import AnswerLoss, Qwen, compile_kernels, read_base

DEFAULTS = {
    'base': None, 'gguf': None, 'tokenizer': None, 'train': None, 'eval': None, 'out': None, 'rank': 16, 'alpha': 32, 'max_length': 2048,
    'minutes': None, 'max_steps': None, 'learning_rate': 4e-4, 'warmup_steps': 20, 'batch_tokens': 65536, 'micro_tokens': 32768, 'seed': 0,
    'save_minutes': 1, 'eval_minutes': 2, 'eval_pairs': 512, 'compile': False, 'workers': None,
}
LOGITS_AT_ONCE = 2048


def read_config(path):
    with open(path) as file:
        given = json.load(file)
    unknown = set(given) - set(DEFAULTS)
    missing = [name for name in ('base', 'train', 'out') if not given.get(name)]
    if not given.get('minutes') and not given.get('max_steps'):
        missing.append('minutes or max_steps')
    if unknown or missing:
        sys.exit(f'{path}: ' + '; '.join([f'no such field: {name}' for name in sorted(unknown)] + [f'{name} is missing' for name in missing]))
    return {**DEFAULTS, **given}


def say(*words):
    print(*words, flush=True)


# Pairs


@functools.cache
def tokenizer_of(folder, gguf):
    from transformers import AutoTokenizer
    return AutoTokenizer.from_pretrained(folder, **({'gguf_file': gguf} if gguf else {}))


def encode(where, line):
    # Not in the pool's initializer: a pool whose initializer fails tries again for ever.
    pair = json.loads(line)
    asked, answer = pair_ids(tokenizer_of(*where), pair)
    return np.array(asked + answer, np.int32), len(asked), bool(pair.get('silence'))


def tokenized(config, name):
    """What encode() makes of all pairs that fit: the ids behind each other, where each pair begins, the lengths of prompts, and `silence`."""
    with open(config[name], 'rb') as file:
        digest = hashlib.file_digest(file, 'sha256').hexdigest()[:12]
    path = os.path.join(config['out'], f"{name}-{digest}-{config['max_length']}.npz")
    if not os.path.exists(path):
        began = time.time()
        opened = {'.gz': gzip.open, '.xz': lzma.open}.get(os.path.splitext(config[name])[1], open)
        where = (config['tokenizer'], None) if config['tokenizer'] else (config['base'], config['gguf'])
        with opened(config[name], 'rt', encoding='utf-8') as lines, multiprocessing.Pool(config['workers'] or os.cpu_count()) as pool:
            pairs = list(pool.imap(functools.partial(encode, where), lines, chunksize=64))
        kept = [pair for pair in pairs if len(pair[0]) <= config['max_length']]
        if not kept:
            sys.exit(f'{config[name]}: no pair fits into max_length')
        with open(path + '.new', 'wb') as file:
            np.savez(file, ids=np.concatenate([ids for ids, _, _ in kept]), starts=np.cumsum([0] + [len(ids) for ids, _, _ in kept]),
                     prompts=np.array([n for _, n, _ in kept]), silence=np.array([s for _, _, s in kept]))
        os.replace(path + '.new', path)
        say(f'{name}: {len(kept)} pairs in {time.time() - began:.0f} s; {len(pairs) - len(kept)} are too long')
    with np.load(path) as file:
        return dict(file)


def micro_batches(order, lengths, tokens):
    """Lists of pairs alike in length, each of at most `tokens` with what fills up the shorter ones."""
    batches, longest = [[]], 0
    for i in sorted(order, key=lambda i: lengths[i]):
        longest = padded(lengths[i])
        if batches[-1] and longest * (len(batches[-1]) + 1) > tokens:
            batches.append([])
        batches[-1].append(i)
    return batches


def padded(length):
    return -(-length // 8) * 8


def steps(lengths, config):
    """For each step its micro-batches, for ever; of some steps at once the pairs are sorted by length, or half of the work were padding."""
    chance = np.random.default_rng(config['seed'])
    a_step = max(1, round(config['batch_tokens'] / config['micro_tokens']))
    pool = max(1, round(32 * config['batch_tokens'] / lengths.mean()))
    while True:
        order, batches = chance.permutation(len(lengths)), []
        for at in range(0, len(order), pool):
            some = micro_batches(order[at:at + pool], lengths, config['micro_tokens'])
            batches += [some[i] for i in chance.permutation(len(some))]
        yield from (batches[at:at + a_step] for at in range(0, len(batches), a_step))


def tensors_of(data, chosen, device):
    """The ids of pairs, one a row; the places (of all ids in a line) before the tokens of answers; these tokens; and whose they are."""
    starts, prompts = data['starts'], data['prompts']
    length = padded(max(starts[i + 1] - starts[i] for i in chosen))
    ids, places, wanted = np.zeros((len(chosen), length), np.int64), [], []
    for row, i in enumerate(chosen):
        pair = data['ids'][starts[i]:starts[i + 1]]
        ids[row, :len(pair)] = pair
        places.append(row * length + np.arange(prompts[i] - 1, len(pair) - 1))
        wanted.append(pair[prompts[i]:].astype(np.int64))
    owners = np.repeat(chosen, [len(w) for w in wanted])
    return *(torch.from_numpy(t).to(device) for t in (ids, np.concatenate(places), np.concatenate(wanted))), owners


# Training


def backward(model, data, batches, device):
    """Adds up the gradients of the mean loss of all answers' tokens in `batches`, and returns it."""
    count = sum(int(data['starts'][i + 1] - data['starts'][i] - data['prompts'][i]) for batch in batches for i in batch)
    total = 0.0
    for batch in batches:
        ids, places, wanted, _ = tensors_of(data, batch, device)
        loss = AnswerLoss.apply(model(ids, places), model.head, wanted, LOGITS_AT_ONCE) / count
        loss.backward()
        total += loss.detach()
    return float(total)


@torch.no_grad()
def held_out(model, data, config, device):
    """Of held-out pairs: the loss of answers' tokens, how often the first is right, and how many answers are right in all tokens."""
    lengths, nll = np.diff(data['starts']), np.zeros(len(data['prompts']))
    tokens, right, first = np.zeros_like(nll), np.zeros_like(nll), np.zeros(len(nll), bool)
    some = np.unique(np.linspace(0, len(nll) - 1, config['eval_pairs']).astype(int))
    for batch in micro_batches(some, lengths, config['micro_tokens']):
        ids, places, wanted, owners = tensors_of(data, batch, device)
        for states, tokens_here, whose in zip(model(ids, places).split(LOGITS_AT_ONCE), wanted.split(LOGITS_AT_ONCE),
                                              np.split(owners, range(LOGITS_AT_ONCE, len(owners), LOGITS_AT_ONCE))):
            logits = (states @ model.head.T).float()
            losses = torch.nn.functional.cross_entropy(logits, tokens_here, reduction='none').cpu().numpy()
            hits = (logits.argmax(-1) == tokens_here).cpu().numpy()
            for owner, loss, hit in zip(whose, losses, hits):
                first[owner] |= tokens[owner] == 0 and hit
                nll[owner] += loss
                tokens[owner] += 1
                right[owner] += hit
    found = {}
    for name, among in [('all', some), ('silent', some[data['silence'][some]]), ('changes', some[~data['silence'][some]])]:
        if len(among):
            found |= {f'{name}_loss': nll[among].sum() / tokens[among].sum(), f'{name}_first': first[among].mean(),
                      f'{name}_right': (right == tokens)[among].mean(), f'{name}_pairs': len(among)}
    return found


class Table:
    """A file of comma-separated values that grows."""

    def __init__(self, path):
        self.path, self.begun = path, False

    def add(self, row):
        with open(self.path, 'a' if self.begun else 'w', newline='') as file:
            csv.writer(file).writerows([row.values()] if self.begun else [row.keys(), row.values()])
        self.begun = True


def train(model, data, held, config, device):
    out, adapter = config['out'], os.path.join(config['out'], 'adapter')
    losses, evals = Table(os.path.join(out, 'loss.csv')), Table(os.path.join(out, 'eval.csv'))
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=config['learning_rate'], betas=(0.9, 0.99), weight_decay=0.0, fused=device == 'cuda')
    lengths, limit, seen, recent, finer, quickest = np.diff(data['starts']), (config['minutes'] or 1e9) * 60, 0, [], 1, 1e9

    def measure(step, minutes):
        if held:
            found = {'step': step, 'minutes': round(minutes, 2), **{n: round(float(v), 4) for n, v in held_out(model, held, config, device).items()}}
            evals.add(found)
            say('held out:', json.dumps(found))

    measure(0, 0.0)
    began = last = saved = measured = time.time()
    for step, batches in enumerate(steps(lengths, config), 1):
        done = max((time.time() - began) / limit, (step - 1) / config['max_steps'] if config['max_steps'] else 0)
        rate = config['learning_rate'] * min(1, step / config['warmup_steps']) * (1 + math.cos(math.pi * min(1, done))) / 2
        for group in optimizer.param_groups:
            group['lr'] = rate
        while True:
            loss = None
            halves = [list(half) for batch in batches for half in np.array_split(batch, finer) if len(half)]
            try:
                loss = backward(model, data, halves, device)
            except torch.OutOfMemoryError as error:
                if finer >= 64:
                    raise
                say(f'out of memory, micro-batches are halved: {str(error)[:200]}')
            if loss is not None:
                break
            finer *= 2
            optimizer.zero_grad()
            torch.cuda.empty_cache()
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, 1.0))
        if math.isfinite(norm):
            optimizer.step()
        else:
            say(f'step {step}: the gradient is {norm}; left out')
        optimizer.zero_grad()
        recent, tokens = (recent + [loss])[-10:], sum(int(lengths[i]) for batch in batches for i in batch)
        seen += tokens
        now = time.time()
        minutes, quickest = (now - began) / 60, min(quickest, now - last)
        losses.add({'step': step, 'minutes': round(minutes, 3), 'tokens': seen, 'loss': round(loss, 5), 'norm': round(norm, 4), 'rate': f'{rate:.3g}'})
        if step % 10 == 0 or step == 1:
            memory = f', {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB at most' if device == 'cuda' else ''
            say(f'step {step}, {minutes:.2f} min, {seen} tokens, {seen / (now - began):.0f} a second (this step {tokens / (now - last):.0f}), '
                f'loss {np.mean(recent):.4f}, rate {rate:.2g}{memory}')
        over = step == config['max_steps'] or now - began + quickest > limit
        if over or now - saved > config['save_minutes'] * 60:
            model.save(adapter, config['base'])
            saved = now
        if over or now - measured > config['eval_minutes'] * 60:
            measure(step, minutes)
            measured = now
        if over:
            break
        last = time.time()
    say(f'done: {step} steps, {seen / lengths.sum():.2f} epochs, {adapter}')


def main():
    tokenize_only = '--tokenize-only' in sys.argv
    paths = [a for a in sys.argv[1:] if a != '--tokenize-only']
    if len(paths) != 1:
        sys.exit(__doc__)
    config = read_config(paths[0])
    os.makedirs(config['out'], exist_ok=True)
    data = tokenized(config, 'train')
    held = tokenized(config, 'eval') if config['eval'] else None
    if tokenize_only:
        return
    torch.manual_seed(config['seed'])
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    # cuDNN's attention makes a plan for each new shape, and here there are hundreds.
    torch.backends.cuda.enable_cudnn_sdp(False)
    began = time.time()
    base, weights = read_base(config['base'], config['gguf'], torch.bfloat16 if device == 'cuda' else torch.float32, device)
    model = Qwen(base, weights, config['rank'], config['alpha'])
    say(f"{sum(p.numel() for p in model.parameters())} numbers to train on {device}, torch {torch.__version__}; {len(data['prompts'])} pairs, "
        f"{len(data['ids'])} tokens; the base was read in {time.time() - began:.0f} s")
    if config['compile']:
        try:
            compile_kernels(device, model.dtype, model.frozen[0]['down'].shape[1])
            say(f'compiled, {time.time() - began:.0f} s')
        except Exception as error:
            say(f'not compiled: {error}')
    train(model, data, held, config, device)


if __name__ == '__main__':
    main()
