"""Training examples from what `cursorcore-lsp data export` writes: token ids, what the loss is on, and packing."""
import json

IGNORED = -100


def encode_parts(tokenizer, parts):
    """Ids of a list of parts, exactly as the server tokenizes a prompt: a control token is one id, and text never becomes one."""
    controls = {token: tokenizer.convert_tokens_to_ids(token) for token in {p['control'] for p in parts if 'control' in p}}
    for token, number in controls.items():
        if number is None or number == tokenizer.unk_token_id:
            raise SystemExit(f'the tokenizer has no control token {token}; add it, or export another format')
    spelled = any(control in p['text'] for p in parts if 'text' in p for control in tokenizer.get_added_vocab())
    if not spelled:
        # The usual way, in which texts beside a control token are cut as the model's own tokenizer cuts them.
        return tokenizer.encode(''.join(p.get('text', p.get('control', '')) for p in parts), add_special_tokens=False)
    ids = []
    for part in parts:
        if 'control' in part:
            ids.append(controls[part['control']])
        elif part['text']:
            ids += tokenizer.encode(part['text'], add_special_tokens=False, split_special_tokens=True)
    return ids


def prompt_ids(tokenizer, pair):
    if pair['prompt'] is not None:
        return encode_parts(tokenizer, pair['prompt'])
    said = [{'role': m['role'], 'content': ''.join(p.get('text', p.get('control', '')) for p in m['content'])} for m in pair['messages']]
    return tokenizer.apply_chat_template(said, add_generation_prompt=True, tokenize=True, return_dict=False)


def pair_ids(tokenizer, pair):
    """Ids of the prompt and of the answer of a pair."""
    if pair.get('kind') != 'pair' or pair.get('version') != 1:
        raise ValueError('it is no pair of version 1, as `cursorcore-lsp data export` writes it')
    answer = encode_parts(tokenizer, pair['answer'])
    if not any('control' in part for part in pair['answer'][-1:]):
        answer = answer + [tokenizer.eos_token_id]
    return prompt_ids(tokenizer, pair), answer


def read_examples(path, tokenizer, max_length):
    """Ids and labels of each pair that fits, and how many do not; the loss is on the answer alone."""
    examples, too_long = [], 0
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                asked, answer = pair_ids(tokenizer, json.loads(line))
            except ValueError as error:
                raise SystemExit(f'{path}:{number}: {error}')
            if len(asked) + len(answer) > max_length:
                too_long += 1
                continue
            examples.append({'input_ids': asked + answer, 'labels': [IGNORED] * len(asked) + answer})
    return examples, too_long


def first_fit_decreasing(lengths, capacity):
    """Indices of `lengths` in bins of at most `capacity`: each, the longest first, into the first bin that has room."""
    bins, room = [], []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        for at, left in enumerate(room):
            if lengths[index] <= left:
                bins[at].append(index)
                room[at] -= lengths[index]
                break
        else:
            bins.append([index])
            room.append(capacity - lengths[index])
    return bins


def pack(examples, capacity):
    """Examples behind each other in sequences of at most `capacity`; positions begin anew with each, so that none sees another."""
    packed = []
    for indices in first_fit_decreasing([len(e['input_ids']) for e in examples], capacity):
        chosen = [examples[i] for i in indices]
        # The first token of an example would be predicted from the one before it, which is another's.
        labels = [label for e in chosen for label in [IGNORED] + e['labels'][1:]]
        packed.append({
            'input_ids': [token for e in chosen for token in e['input_ids']],
            'labels': labels,
            'position_ids': [position for e in chosen for position in range(len(e['input_ids']))],
        })
    return packed


def collate(batch):
    """One packed sequence a step, without a mask of attention: the positions say where an example begins."""
    import torch
    [one] = batch
    return {name: torch.tensor([values]) for name, values in one.items()}
