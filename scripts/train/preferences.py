"""Preference tuning (DPO, by trl) on the pairs that `cursorcore-lsp data export` makes of what `record export` wrote."""
import json

from examples import encode_parts, prompt_ids


def has_preferences(path):
    with open(path) as lines:
        return 'rejected' in json.loads(lines.readline() or '{}')


def read_preferences(path, tokenizer, max_length):
    """Ids of the prompt and of both answers of each pair that fits, and how many do not."""
    found, too_long = [], 0
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            pair = json.loads(line)
            if pair.get('kind') != 'pair' or pair.get('version') != 1 or 'rejected' not in pair:
                raise SystemExit(f'{path}:{number}: it is no pair with a rejected answer; pairs of both kinds cannot be in one file')
            asked = prompt_ids(tokenizer, pair)
            answers = [encode_parts(tokenizer, pair[name]) for name in ('answer', 'rejected')]
            if not any('control' in part for part in pair['answer'][-1:]):
                answers = [answer + [tokenizer.eos_token_id] for answer in answers]
            if len(asked) + max(map(len, answers)) > max_length:
                too_long += 1
                continue
            found.append({'prompt_ids': asked, 'chosen_ids': answers[0], 'rejected_ids': answers[1]})
    return found, too_long


def preference_trainer(model, arguments, train, held, tokenizer, beta, max_length):
    """trl's trainer over ids as they are: its own tokenizing would take what text spells for control tokens."""
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    class IdsTrainer(DPOTrainer):
        def _prepare_dataset(self, dataset, *_):
            return dataset

    config = DPOConfig(**arguments, beta=beta, max_length=max_length)
    return IdsTrainer(
        model=model, args=config, train_dataset=Dataset.from_list(train), eval_dataset=Dataset.from_list(held) if held else None,
        processing_class=tokenizer)
