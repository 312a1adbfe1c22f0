"""Writes test/models/adapter/vectors.json: what small decoders answer with LoRA adapters that peft merged into them.

As for graph_vectors.py, the weights of models and adapters are numbers that both sides make of the tensors' names. Needs torch, transformers 5, peft
and gguf.

    python3 scripts/verify/adapter_vectors.py && npm run format
"""

import json
import pathlib
import tempfile

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

from graph_vectors import BASE, ROPE, weight

FILE = pathlib.Path(__file__).parents[2] / "test/models/adapter/vectors.json"
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

# Of each: the class, what its configuration has over BASE, peft's, and how many tokens are added to the vocabulary.
VARIANTS = {
    "all linear layers, tied": ("LlamaForCausalLM", dict(tie_word_embeddings=True), dict(r=4, lora_alpha=6, target_modules="all-linear"), 0),
    "all linear layers and the head, untied": ("Qwen3ForCausalLM", dict(head_dim=32), dict(r=4, lora_alpha=8, target_modules=[*LINEAR, "lm_head"]), 0),
    "some layers of some modules": (
        "Qwen2ForCausalLM", {}, dict(r=4, lora_alpha=16, target_modules=["q_proj", "down_proj"], layers_to_transform=[1]), 0),
    "rank-stabilised, heads that are padded": (
        "Qwen3ForCausalLM", dict(head_dim=24), dict(r=4, lora_alpha=4, use_rslora=True, target_modules=LINEAR), 0),
    "patterns of ranks and alphas": (
        "Qwen2ForCausalLM", {}, dict(
            r=4, lora_alpha=8, target_modules=LINEAR,
            rank_pattern={"q_proj": 2, r"layers\.1\.mlp\.(up|gate)_proj": 8, "^model.layers.0.mlp.down_proj": 3},
            alpha_pattern={"model.layers.0.self_attn.k_proj": 32, "v_proj": 1}), 0),
    "rank-stabilised with patterns": (
        "LlamaForCausalLM", {}, dict(
            r=4, lora_alpha=4, use_rslora=True, target_modules=LINEAR, rank_pattern={"q_proj": 2}, alpha_pattern={"q_proj": 8}), 0),
    "the embedding, untied": ("LlamaForCausalLM", {}, dict(r=4, lora_alpha=8, target_modules=["embed_tokens", "v_proj"]), 0),
    "whole modules beside": (
        "Qwen2ForCausalLM", {}, dict(r=4, lora_alpha=8, target_modules=["v_proj"], modules_to_save=["lm_head", "norm", "input_layernorm"]), 0),
    "biases": ("Qwen2ForCausalLM", {}, dict(r=4, lora_alpha=8, target_modules=["q_proj", "o_proj"], bias="all"), 0),
    "rows of tokens, tied": (
        "Qwen2ForCausalLM", dict(tie_word_embeddings=True), dict(r=4, target_modules=["v_proj"], trainable_token_indices=[21, 3, 150]), 0),
    "rows of tokens, untied": ("LlamaForCausalLM", {}, dict(r=4, target_modules=["v_proj"], trainable_token_indices=[21, 3, 150]), 0),
    "rows of the head's tokens": (
        "LlamaForCausalLM", {}, dict(r=4, target_modules=["v_proj"], trainable_token_indices={"embed_tokens": [21, 3], "lm_head": [5]}), 0),
    "added tokens, tied": (
        "LlamaForCausalLM", dict(tie_word_embeddings=True), dict(r=4, target_modules="all-linear", trainable_token_indices=[160, 161]), 8),
    "added tokens, untied": ("LlamaForCausalLM", {}, dict(r=4, target_modules="all-linear", trainable_token_indices=[160, 161]), 8),
}


def vector(architecture, changes, lora, added):
    kind = getattr(transformers, architecture)
    base = kind(kind.config_class(**{**BASE, "rope_parameters": ROPE, **changes})).float().eval()
    with torch.no_grad():
        for name, parameter in base.named_parameters():
            parameter.copy_(weight(name, tuple(parameter.shape)))
    base.config.architectures = [architecture]
    tensors = {name: list(parameter.shape) for name, parameter in base.named_parameters()}
    config = json.loads(base.config.to_json_string())
    with tempfile.TemporaryDirectory() as folder:
        base.save_pretrained(folder + "/base")
        fresh = lambda: grown(kind.from_pretrained(folder + "/base").float().eval(), added)
        peft.get_peft_model(fresh(), peft.LoraConfig(task_type="CAUSAL_LM", **lora)).save_pretrained(folder + "/adapter")
        stored = load_file(folder + "/adapter/adapter_model.safetensors")
        made = {name: weight(shared(name), tuple(tensor.shape)) for name, tensor in stored.items()}
        save_file(made, folder + "/adapter/adapter_model.safetensors")
        tuned = peft.PeftModel.from_pretrained(fresh(), folder + "/adapter").eval()
        adapter = json.loads(pathlib.Path(folder, "adapter/adapter_config.json").read_text())
    adapter["base_model_name_or_path"] = "base"
    prompt = [(7 * index * index + 3) % (BASE["vocab_size"] + added) for index in range(48)]
    with torch.no_grad():
        untouched = base(torch.tensor([[min(i, 159) for i in prompt]])).logits[0]
        adapted = tuned(torch.tensor([prompt])).logits[0]
        logits = tuned.merge_and_unload()(torch.tensor([prompt])).logits[0]
    assert (adapted - logits).abs().max() < 1e-4, "peft's merge is not what it was"
    assert (untouched - logits[:, :160]).abs().max() > 0.1, "the adapter changes nothing"
    return {
        "architecture": architecture,
        "config": config,
        "tensors": tensors,
        "adapter": adapter,
        "adapterTensors": {name: list(tensor.shape) for name, tensor in stored.items()},
        "prompt": prompt,
        "logits": {str(row): [round(float(x), 5) for x in logits[row]] for row in (0, 47)},
    }


def grown(model, added):
    if added:
        model.resize_token_embeddings(BASE["vocab_size"] + added, mean_resizing=False)
    return model


def shared(name):
    """A name for the numbers: where peft stores the two of a shared matrix, they are alike."""
    if ("embed_tokens" in name or "lm_head" in name) and "lora" not in name:
        return "embedding or head, rows" if name.endswith("trainable_tokens_delta") else "embedding or head"
    return name


def main():
    torch.set_num_threads(1)
    FILE.write_text(json.dumps({name: vector(*variant) for name, variant in VARIANTS.items()}) + "\n")


if __name__ == "__main__":
    main()
