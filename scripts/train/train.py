"""Trains a model on pairs of prompt and answer, the whole of it or LoRA; where pairs have a rejected answer, on preferences (DPO). One
configuration file, one run.

Usage: train.py CONFIG.json

README.md beside this has the fields. Run again after it was killed, it goes on from the last checkpoint. Writes OUT/checkpoint-*, OUT/loss.csv
and loss.svg, and OUT/model: safetensors that `cursorcore-lsp model import` takes, or with LoRA OUT/adapter and, merged, OUT/model.
"""
import csv
import json
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint

from answer_loss import AnswerTrainer
from examples import collate, pack, read_examples
from preferences import has_preferences, preference_trainer, read_preferences

DEFAULTS = {
    'base': None, 'gguf': None, 'train': None, 'eval': None, 'out': None, 'add_tokens': [], 'lora': None, 'max_length': 16384, 'epochs': 2,
    'learning_rate': 5e-5, 'warmup_steps': 15, 'accumulate': 8, 'seed': 0, 'save_steps': 50, 'max_steps': -1, 'limit': None, 'threads': None, 'beta': 0.1,
}


def read_config(path):
    with open(path) as file:
        given = json.load(file)
    unknown = set(given) - set(DEFAULTS)
    missing = [name for name in ('base', 'train', 'out') if not given.get(name)]
    if unknown or missing:
        sys.exit(f'{path}: ' + '; '.join([f'no such field: {name}' for name in sorted(unknown)] + [f'{name} is missing' for name in missing]))
    return {**DEFAULTS, **given}


def load(config):
    """The model and its tokenizer, with the control tokens that it did not have, which begin as the mean of all; these, and its rows before."""
    where = {'gguf_file': config['gguf']} if config['gguf'] else {}
    tokenizer = AutoTokenizer.from_pretrained(config['base'], **where)
    cuda = torch.cuda.is_available()
    attention = 'flash_attention_2' if cuda and has('flash_attn') else 'sdpa'
    model = AutoModelForCausalLM.from_pretrained(
        config['base'], dtype=torch.bfloat16 if cuda else torch.float32, attn_implementation=attention, **where)
    if cuda and has('liger_kernel'):
        from liger_kernel.transformers import _apply_liger_kernel_to_instance
        _apply_liger_kernel_to_instance(model=model)
    if config['gguf']:
        # The weights are floats by now; transformers still takes them for quantised ones, which it refuses to train.
        model.is_quantized, model.hf_quantizer = False, None
        if hasattr(model.config, 'quantization_config'):
            del model.config.quantization_config
    rows = model.get_input_embeddings().num_embeddings
    fresh = [token for token in config['add_tokens'] if token not in tokenizer.get_vocab()]
    if fresh:
        tokenizer.add_tokens(fresh, special_tokens=True)
        if len(tokenizer) > rows:
            model.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=64, mean_resizing=False)
        ids = tokenizer.convert_tokens_to_ids(fresh)
        with torch.no_grad():
            for embeddings in {id(e): e for e in (model.get_input_embeddings(), model.get_output_embeddings())}.values():
                embeddings.weight[ids] = embeddings.weight[:min(ids)].mean(dim=0, keepdim=True)
    return model, tokenizer, fresh, rows


def has(package):
    import importlib.util
    return importlib.util.find_spec(package) is not None


def with_lora(model, config, tokenizer, fresh):
    from peft import LoraConfig, get_peft_model
    chosen = {'r': 16, 'lora_alpha': 32, 'lora_dropout': 0.0, 'target_modules': 'all-linear', **config['lora']}
    if fresh:
        # Of the embeddings only the rows of the new tokens are trained; where the output's matrix is another one, of that too,
        # or the new tokens stay as likely as each other.
        ids = tokenizer.convert_tokens_to_ids(fresh)
        matrices = {id(m.weight): m for m in (model.get_output_embeddings(), model.get_input_embeddings())}
        names = [name.split('.')[-1] for name, module in model.named_modules() if any(module is m for m in matrices.values())]
        chosen['trainable_token_indices'] = {name: ids for name in names}
    return get_peft_model(model, LoraConfig(task_type='CAUSAL_LM', **chosen))


def plot(history, path):
    """The curves of the training and the held-out loss."""
    curves = [('loss', '#4477aa'), ('eval_loss', '#cc6677')]
    points = {name: [(h['step'], h[name]) for h in history if name in h] for name, _ in curves}
    every = [p for name in points for p in points[name]]
    if not every:
        return
    right, top = max(s for s, _ in every) or 1, max(v for _, v in every) or 1
    lines = []
    for i, (name, colour) in enumerate(curves):
        path_data = ' '.join(f'{60 + 520 * s / right:.1f},{320 - 300 * v / top:.1f}' for s, v in points[name])
        lines.append(f'<polyline fill="none" stroke="{colour}" points="{path_data}"/><text x="480" y="{30 + 16 * i}" fill="{colour}">{name}</text>')
    with open(path, 'w') as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 350" font-family="sans-serif" font-size="12">'
                   '<title>The loss of each step</title>'
                   f'<rect width="600" height="350" fill="#ffffff"/><text x="10" y="25">{top:.2f}</text><text x="10" y="320">0</text>'
                   f'<text x="540" y="340">{right} steps</text>{"".join(lines)}</svg>\n')


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    config = read_config(sys.argv[1])
    set_seed(config['seed'])
    if config['threads']:
        torch.set_num_threads(config['threads'])
    model, tokenizer, fresh, rows = load(config)
    model.config.use_cache = False
    if config['lora'] is not None:
        model = with_lora(model, config, tokenizer, fresh)
        model.print_trainable_parameters()
    prefers = has_preferences(config['train'])
    sets = {}
    for name in ('train', 'eval'):
        if config[name]:
            read = read_preferences if prefers else read_examples
            examples, too_long = read(config[name], tokenizer, config['max_length'])
            examples = examples[:config['limit']]
            sets[name] = examples if prefers else pack(examples, config['max_length'])
            print(f'{name}: {len(examples)} examples in {len(sets[name])} sequences; {too_long} are too long', flush=True)
    if not sets['train']:
        sys.exit(f"{config['train']}: no example fits into max_length")
    arguments = dict(
        output_dir=config['out'], num_train_epochs=config['epochs'], max_steps=config['max_steps'], per_device_train_batch_size=1,
        per_device_eval_batch_size=1, gradient_accumulation_steps=config['accumulate'], optim='adafactor', learning_rate=config['learning_rate'],
        lr_scheduler_type='cosine', warmup_steps=config['warmup_steps'], logging_steps=1, save_steps=config['save_steps'], save_total_limit=2,
        eval_strategy='epoch' if 'eval' in sets else 'no', eval_on_start='eval' in sets, bf16=torch.cuda.is_available(), seed=config['seed'],
        data_seed=config['seed'], report_to=[], remove_unused_columns=False, gradient_checkpointing=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(), disable_tqdm=not sys.stderr.isatty())
    if prefers:
        trainer = preference_trainer(model, arguments, sets['train'], sets.get('eval'), tokenizer, config['beta'], config['max_length'])
    else:
        trainer = AnswerTrainer(model=model, args=TrainingArguments(**arguments), train_dataset=sets['train'], eval_dataset=sets.get('eval'),
                          data_collator=collate, processing_class=tokenizer)
    checkpoint = get_last_checkpoint(config['out']) if os.path.isdir(config['out']) else None
    trainer.train(resume_from_checkpoint=checkpoint)

    history = trainer.state.log_history
    with open(os.path.join(config['out'], 'loss.csv'), 'w', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['step', 'loss', 'eval_loss'])
        writer.writerows([h['step'], h.get('loss', ''), h.get('eval_loss', '')] for h in history if 'loss' in h or 'eval_loss' in h)
    plot(history, os.path.join(config['out'], 'loss.svg'))
    if config['lora'] is not None:
        # With a tokenizer of its own, and rows for all of its tokens, it can be merged into the base without this script.
        grown = model.config.vocab_size > rows
        model.save_pretrained(os.path.join(config['out'], 'adapter'), save_embedding_layers=grown)
        tokenizer.save_pretrained(os.path.join(config['out'], 'adapter'))
        model = model.merge_and_unload()
    model.config.use_cache = True
    model.save_pretrained(os.path.join(config['out'], 'model'))
    tokenizer.save_pretrained(os.path.join(config['out'], 'model'))
    print(os.path.join(config['out'], 'model'))


if __name__ == '__main__':
    main()
