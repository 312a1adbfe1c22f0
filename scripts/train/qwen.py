"""Qwen2 with LoRA for training alone: frozen weights, no cache, no mask, and of each layer no more kept for the way back than has to be."""
import json
import os
from concurrent.futures import ThreadPoolExecutor
from glob import glob

import torch
import torch.nn.functional as F

MODULES = {  # The parts of a layer that get LoRA, in groups that share their input: one product for each group.
    'qkv': ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'], 'o': ['self_attn.o_proj'],
    'gate_up': ['mlp.gate_proj', 'mlp.up_proj'], 'down': ['mlp.down_proj'],
}
GGUF_NAMES = {
    'attn_q': 'self_attn.q_proj', 'attn_k': 'self_attn.k_proj', 'attn_v': 'self_attn.v_proj', 'attn_output': 'self_attn.o_proj',
    'ffn_gate': 'mlp.gate_proj', 'ffn_up': 'mlp.up_proj', 'ffn_down': 'mlp.down_proj', 'attn_norm': 'input_layernorm',
    'ffn_norm': 'post_attention_layernorm',
}


def read_base(folder, gguf_file, dtype, device):
    """The configuration and the weights by the names of transformers, in `dtype` on `device`."""
    if gguf_file:
        return read_gguf(os.path.join(folder, gguf_file), dtype, device)
    from safetensors.torch import load_file
    with open(os.path.join(folder, 'config.json')) as file:
        said = json.load(file)
    if said['model_type'] != 'qwen2':
        raise SystemExit(f"{folder}: {said['model_type']} is not Qwen2; train.py takes other models")
    rope = said.get('rope_parameters') or {}
    config = {'layers': said['num_hidden_layers'], 'heads': said['num_attention_heads'], 'kv_heads': said['num_key_value_heads'],
              'eps': said['rms_norm_eps'], 'theta': said.get('rope_theta') or rope.get('rope_theta', 1e4)}
    weights = {}
    for path in sorted(glob(os.path.join(folder, '*.safetensors'))):
        weights |= {name: w.to(device, dtype) for name, w in load_file(path).items()}
    return config, weights


def read_gguf(path, dtype, device):
    import gguf
    reader = gguf.GGUFReader(path)
    said = {name.split('.', 1)[1]: field.contents() for name, field in reader.fields.items() if name.startswith('qwen2.')}
    if not said:
        raise SystemExit(f'{path} is not Qwen2; train.py takes other models')
    config = {'layers': said['block_count'], 'heads': said['attention.head_count'], 'kv_heads': said['attention.head_count_kv'],
              'eps': said['attention.layer_norm_rms_epsilon'], 'theta': said['rope.freq_base']}
    tensors = {t.name: t for t in reader.tensors}
    # A matrix that is there twice, rounded once roughly and once finely, is one; the finer one counts, as in `model import`.
    twice = [tensors.pop(name) for name in ('token_embd.weight', 'output.weight') if name in tensors]
    named = {'model.embed_tokens.weight': max(twice, key=lambda t: t.n_bytes), 'model.norm.weight': tensors.pop('output_norm.weight')}
    for name, tensor in tensors.items():
        _, layer, part, kind = name.split('.')
        named[f'model.layers.{layer}.{GGUF_NAMES[part]}.{kind}'] = tensor
    with ThreadPoolExecutor() as pool:
        floats = pool.map(lambda t: torch.from_numpy(gguf.quants.dequantize(t.data, t.tensor_type)).to(dtype), named.values())
        return config, {name: w.to(device) for name, w in zip(named, floats)}


def product(x, w, h, b):
    """x @ w + h @ b, where h is narrow: the wider side of the big product is gone over once only."""
    if w.shape[1] > w.shape[0]:
        return torch.cat([x, h], 1) @ torch.cat([w, b], 0)
    return torch.addmm(x @ w, h, b)


class LoraLinear(torch.autograd.Function):
    """x @ w.T + (x @ a.T) @ b.T, with w frozen."""

    @staticmethod
    def forward(ctx, x, w, a, b):
        h = x @ a.T
        ctx.save_for_backward(x, w, a, b, h)
        return product(x, w.T, h, b.T)

    @staticmethod
    def backward(ctx, dy):
        x, w, a, b, h = ctx.saved_tensors
        dh = dy @ b
        dx = product(dy, w, dh, a) if ctx.needs_input_grad[0] else None
        return dx, None, dh.T @ x, dy.T @ h


def silu_mul(gate_up):
    gate, up = gate_up.chunk(2, -1)
    return F.silu(gate) * up


def silu_mul_back(gate_up, d):
    gate, up = gate_up.float().chunk(2, -1)
    s = torch.sigmoid(gate)
    return torch.cat([d * up * s * (1 + gate * (1 - s)), d * gate * s], -1).to(gate_up.dtype)


def silu_mul_back_eager(gate_up, d):
    """The same without a copy of all in float32."""
    (gate, up), out = gate_up.chunk(2, -1), torch.empty_like(gate_up)
    left, right = out.chunk(2, -1)
    left.copy_(torch.ops.aten.silu_backward(d * up, gate))
    torch.mul(F.silu(gate), d, out=right)
    return out


eager = {'forward': silu_mul, 'backward': silu_mul_back_eager}
kernels = dict(eager)


def run(name, *tensors):
    try:
        return kernels[name](*(t.detach() for t in tensors))
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        if kernels[name] is eager[name]:
            raise
        print(f'not compiled from here on: {error}', flush=True)
        kernels.update(eager)
        return kernels[name](*tensors)


def compile_kernels(device, dtype, width):
    """One kernel each for the widest work that is no product; what cannot be compiled stays as it is."""
    import torch._dynamo  # Fails here, where it is caught, if it fails.
    compiled = {name: torch.compile(f, dynamic=True) for name, f in [('forward', silu_mul), ('backward', silu_mul_back)]}
    with torch.no_grad():
        for rows in (96, 168):
            x, d = (torch.randn(rows, n, device=device, dtype=dtype) for n in (2 * width, width))
            for name, tensors in [('forward', (x,)), ('backward', (x, d))]:
                if not torch.allclose(compiled[name](*tensors), eager[name](*tensors), rtol=0.05, atol=0.05):
                    raise RuntimeError('a compiled kernel computes something else')
    kernels.update(compiled)


class SiluMul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gate_up):
        ctx.save_for_backward(gate_up)
        return run('forward', gate_up)

    @staticmethod
    def backward(ctx, d):
        return run('backward', ctx.saved_tensors[0], d)


class AnswerLoss(torch.autograd.Function):
    """The summed loss of tokens by the states before them; the logits of a chunk live no longer than it takes."""

    @staticmethod
    def forward(ctx, states, vocabulary, tokens, chunk):
        total, d = torch.zeros((), device=states.device), torch.empty_like(states)
        for at in range(0, len(tokens), chunk):
            here, wanted = slice(at, at + chunk), tokens[at:at + chunk, None]
            logits = (states[here] @ vocabulary.T).float()
            log_sum = logits.logsumexp(-1, keepdim=True)
            total += (log_sum - logits.gather(1, wanted)).sum()
            logits.sub_(log_sum).exp_().scatter_add_(1, wanted, torch.full_like(log_sum, -1.0))
            d[here] = logits.to(states.dtype) @ vocabulary
        ctx.save_for_backward(d)
        return total

    @staticmethod
    def backward(ctx, factor):
        return ctx.saved_tensors[0] * factor.to(ctx.saved_tensors[0].dtype), None, None, None


class Qwen(torch.nn.Module):
    def __init__(self, config, weights, rank, alpha):
        super().__init__()
        self.config, self.rank, self.alpha = config, rank, alpha
        self.vocabulary, self.last_norm = weights['model.embed_tokens.weight'], weights['model.norm.weight']
        self.head = weights.get('lm_head.weight', self.vocabulary)
        self.dtype, self.frozen, self.lora = self.vocabulary.dtype, [], torch.nn.ParameterDict()
        for i in range(config['layers']):
            at = f'model.layers.{i}.'
            layer = {group: torch.cat([weights[f'{at}{m}.weight'] for m in modules]) for group, modules in MODULES.items()}
            layer['bias'] = torch.cat([weights[f'{at}{m}.bias'] for m in MODULES['qkv']])
            layer |= {n: weights[f'{at}{name}.weight'] for n, name in [('norm1', 'input_layernorm'), ('norm2', 'post_attention_layernorm')]}
            self.frozen.append(layer)
            for module in sum(MODULES.values(), []):
                rows, columns = weights[f'{at}{module}.weight'].shape
                a = torch.empty(rank, columns)
                torch.nn.init.kaiming_uniform_(a, a=5 ** 0.5)
                self.lora[self.key(i, module, 'A')] = torch.nn.Parameter(a)
                self.lora[self.key(i, module, 'B')] = torch.nn.Parameter(torch.zeros(rows, rank))
        self.lora.to(self.vocabulary.device)

    @staticmethod
    def key(layer, module, side):
        return f'{layer}/{module}/{side}'.replace('.', ':')

    def linear(self, i, group, x):
        a, b = ([self.lora[self.key(i, m, side)] for m in MODULES[group]] for side in 'AB')
        return LoraLinear.apply(x, self.frozen[i][group], torch.cat(a).to(self.dtype), (torch.block_diag(*b) * (self.alpha / self.rank)).to(self.dtype))

    def forward(self, ids, at):
        """The states before the head at the places `at` of the flattened ids. Rows of ids may end in anything: nothing sees what is behind it."""
        c, (rows, length) = self.config, ids.shape
        x = F.embedding(ids.flatten(), self.vocabulary)
        size = self.frozen[0]['o'].shape[1] // c['heads']
        angles = torch.arange(length, device=ids.device)[:, None] / c['theta'] ** (torch.arange(0, size, 2, device=ids.device) / size)
        cos, sin = (f(torch.cat([angles, angles], 1).float()).to(self.dtype) for f in (torch.cos, torch.sin))
        for i, layer in enumerate(self.frozen):
            norm = F.rms_norm(x, x.shape[-1:], layer['norm1'], c['eps'])
            qkv = self.linear(i, 'qkv', norm) + layer['bias']
            heads = qkv.view(rows, length, -1, size).transpose(1, 2)
            turned, v = heads.split([c['heads'] + c['kv_heads'], c['kv_heads']], 1)
            left, right = turned.chunk(2, -1)
            turned = turned * cos + torch.cat([-right, left], -1) * sin
            q, k = turned.split([c['heads'], c['kv_heads']], 1)
            k, v = (t[:, :, None].expand(-1, -1, c['heads'] // c['kv_heads'], -1, -1).reshape(q.shape) for t in (k, v))
            seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.linear(i, 'o', seen.transpose(1, 2).reshape(rows * length, -1))
            norm = F.rms_norm(x, x.shape[-1:], layer['norm2'], c['eps'])
            x = x + self.linear(i, 'down', SiluMul.apply(self.linear(i, 'gate_up', norm)))
        return F.rms_norm(x.index_select(0, at), x.shape[-1:], self.last_norm, c['eps'])

    def save(self, folder, base):
        """The adapter as peft saves it, by one rename."""
        from safetensors.torch import save_file
        os.makedirs(folder, exist_ok=True)
        tensors = {}
        for name, value in self.lora.items():
            layer, module, side = name.replace(':', '.').split('/')
            tensors[f'base_model.model.model.layers.{layer}.{module}.lora_{side}.weight'] = value.detach().to('cpu', torch.bfloat16).contiguous()
        config = {'peft_type': 'LORA', 'task_type': 'CAUSAL_LM', 'base_model_name_or_path': base, 'r': self.rank, 'lora_alpha': self.alpha,
                  'lora_dropout': 0.0, 'bias': 'none', 'fan_in_fan_out': False, 'inference_mode': True, 'init_lora_weights': True,
                  'target_modules': [m.split('.')[1] for m in sum(MODULES.values(), [])]}
        with open(os.path.join(folder, 'adapter_config.json'), 'w') as file:
            json.dump(config, file, indent=2)
        path = os.path.join(folder, 'adapter_model.safetensors')
        save_file(tensors, path + '.new', metadata={'format': 'pt'})
        os.replace(path + '.new', path)
