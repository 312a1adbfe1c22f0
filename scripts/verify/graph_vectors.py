"""Writes test/models/graph/vectors/ARCHITECTURE.json: what transformers answers for small decoders in every variant that is supported.

The weights are numbers that both sides make by themselves (`weight` here, `testWeight` in test/models/graph/hashedWeights.ts), so
that none need be stored. What llama.cpp calls each tensor comes from gguf-py. Needs torch, transformers 5 and gguf.

    python3 scripts/verify/graph_vectors.py [ARCHITECTURE ...] && npm run format
"""

import json
import pathlib
import sys
import zlib

import gguf
import numpy
import torch
import transformers

FOLDER = pathlib.Path(__file__).parents[2] / "test/models/graph/vectors"
BASE = dict(
    vocab_size=160,
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=256,
    rms_norm_eps=1e-6,
    tie_word_embeddings=False,
)
ROPE = dict(rope_type="default", rope_theta=10000.0)
LLAMA3 = dict(
    rope_type="llama3",
    factor=8.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=64,
    rope_theta=500000.0,
)

# By transformers' class, each variant as what its configuration has over BASE.
VARIANTS = {
    "Qwen3ForCausalLM": {
        "Qwen3, tied embeddings": dict(head_dim=32, tie_word_embeddings=True),
        "Qwen3, untied embeddings": dict(head_dim=32),
        "Qwen3, one key/value head, theta 1,000,000": dict(
            head_dim=16, num_key_value_heads=1, rope_parameters=dict(ROPE, rope_theta=1e6)
        ),
        "Qwen3, heads of 24": dict(head_dim=24),
        "Qwen3, heads of 10 with biases": dict(head_dim=10, attention_bias=True),
    },
    "Qwen2ForCausalLM": {
        "Qwen2, tied embeddings": dict(tie_word_embeddings=True),
        "Qwen2, untied embeddings": {},
        "Qwen2, one key/value head": dict(num_key_value_heads=1),
        "Qwen2, theta 1,000,000": dict(rope_parameters=dict(ROPE, rope_theta=1e6)),
        "Qwen2, heads of 24": dict(head_dim=24),
    },
    "LlamaForCausalLM": {
        "Llama": {},
        "Llama, tied embeddings": dict(tie_word_embeddings=True),
        "Llama, as many key/value heads as heads": dict(num_key_value_heads=4),
        "Llama, biases everywhere": dict(attention_bias=True, mlp_bias=True),
        "Llama, linear scaling": dict(rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=100000.0)),
        "Llama, llama3 scaling": dict(rope_parameters=LLAMA3),
        "Llama, dynamic scaling": dict(
            max_position_embeddings=128, rope_parameters=dict(ROPE, rope_type="dynamic", factor=2.0)
        ),
        "Llama, heads of 40 with biases": dict(head_dim=40, attention_bias=True),
        "Llama, heads of 80": dict(head_dim=80, num_key_value_heads=1),
        "Llama, heads of 10": dict(head_dim=10),
    },
}


def mix(value):
    """MurmurHash3's 32-bit finaliser, on arrays of uint32."""
    with numpy.errstate(over="ignore"):
        value = value ^ (value >> numpy.uint32(16))
        value = value * numpy.uint32(0x85EBCA6B)
        value = value ^ (value >> numpy.uint32(13))
        value = value * numpy.uint32(0xC2B2AE35)
        return value ^ (value >> numpy.uint32(16))


def weight(name, shape):
    count = int(numpy.prod(shape))
    seed = numpy.uint32(zlib.crc32(name.encode()))
    with numpy.errstate(over="ignore"):
        bits = mix(numpy.arange(count, dtype=numpy.uint32) + seed)
    unit = bits.astype(numpy.float64) / 2**32
    values = 0.5 + unit if "norm" in name else (unit - 0.5) * 0.5
    return torch.from_numpy(values.astype(numpy.float32).reshape(shape))


def gguf_names(config, tensors):
    """GGUF's name of the architecture, and of each tensor."""
    architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == config["model_type"])
    names = gguf.get_tensor_name_map(architecture, config["num_hidden_layers"])
    return {
        "architecture": config["model_type"],
        "tensors": {name: names.get_name(name, try_suffixes=(".weight", ".bias")) for name in tensors},
    }


def vector(architecture, changes):
    kind = getattr(transformers, architecture)
    model = kind(kind.config_class(**{**BASE, "rope_parameters": ROPE, **changes})).float().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(weight(name, tuple(parameter.shape)))
        prompt = [(7 * index * index + 3) % BASE["vocab_size"] for index in range(48)]
        logits = model(torch.tensor([prompt])).logits[0]
        ids = torch.tensor([prompt])
        for _ in range(24):
            ids = torch.cat([ids, model(ids).logits[:, -1].argmax(-1, keepdim=True)], 1)
    # As save_pretrained does it.
    model.config.architectures = [architecture]
    config = json.loads(model.config.to_json_string())
    tensors = {name: list(parameter.shape) for name, parameter in model.named_parameters()}
    return {
        "architecture": architecture,
        "config": config,
        "headSize": model.model.layers[0].self_attn.head_dim,
        "tensors": tensors,
        "gguf": gguf_names(config, tensors),
        "prompt": prompt,
        "logits": {str(row): [round(float(x), 5) for x in logits[row]] for row in (0, 47)},
        "greedy": ids[0, 48:].tolist(),
    }


def main(*architectures):
    torch.set_num_threads(1)
    for architecture in architectures or VARIANTS:
        vectors = {name: vector(architecture, changes) for name, changes in VARIANTS[architecture].items()}
        (FOLDER / f"{architecture}.json").write_text(json.dumps(vectors) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
