"""Compares the quantised matrices of an imported model with those of the GGUF file it was made from, number by number.

    python3 scripts/verify/exact_blocks.py WEIGHTS.gguf MODEL_FOLDER

For Q4_0 and Q8_0 files of the Qwen2 architecture, whose import takes the blocks over. Needs onnx, numpy and gguf.
"""

import pathlib
import sys

import gguf
import numpy
import onnx
from gguf.quants import dequantize

PARTS = {
    "qkv": ("attn_q", "attn_k", "attn_v"),
    "output": ("attn_output",),
    "gate": ("ffn_gate",),
    "up": ("ffn_up",),
    "down": ("ffn_down",),
}


def initializers(folder):
    graph = onnx.load(folder / "decoder-cpu.onnx", load_external_data=False).graph
    for tensor in graph.initializer:
        external = {entry.key: entry.value for entry in tensor.external_data}
        if external:
            yield tensor, external


def stored(folder):
    """Every matrix of the graph that lies in blocks, as float32."""
    data = {}
    for tensor, external in initializers(folder):
        kind = numpy.uint8 if tensor.data_type == onnx.TensorProto.UINT8 else numpy.float32
        count = int(external["length"]) // numpy.dtype(kind).itemsize
        data[tensor.name] = numpy.fromfile(folder / external["location"], kind, count, offset=int(external["offset"])).reshape(
            tensor.dims
        )
    for name, blocks in data.items():
        if not name.endswith(".blocks"):
            continue
        scales = data[name.replace(".blocks", ".scales")].reshape(*blocks.shape[:2], 1)
        if blocks.shape[2] == 32:
            numbers = blocks.astype(numpy.float32) - 128
        else:
            nibbles = numpy.stack([blocks & 15, blocks >> 4], axis=-1).reshape(*blocks.shape[:2], 32)
            numbers = nibbles.astype(numpy.float32) - 8
        yield name.removesuffix(".blocks"), (numbers * scales).reshape(blocks.shape[0], -1)


def sources(name):
    if name == "head":
        return ("output.weight",)
    if name == "embedding":
        return ("token_embd.weight",)
    _, layer, part = name.split(".")
    return tuple(f"blk.{layer}.{tensor}.weight" for tensor in PARTS[part])


def main(weights, folder):
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(weights).tensors}
    compared = differing = 0
    for name, ours in stored(pathlib.Path(folder)):
        theirs = numpy.concatenate([dequantize(tensors[t].data, tensors[t].tensor_type) for t in sources(name)])
        compared += ours.size
        differing += int((ours != theirs).sum())
    print(f"{compared:,} numbers compared, {differing:,} differ")
    sys.exit(1 if differing or not compared else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
