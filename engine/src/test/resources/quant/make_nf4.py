"""Makes the golden tensors of NF4: what bitsandbytes quantises and dequantises on the CPU, in blocks of 64 along the
flattened tensor, with scales in fp32 (no double quantisation).

Run in this folder: python make_nf4.py     (made with bitsandbytes 0.50.2, torch 2.13, safetensors 0.8)

For each case the file holds <case>.input, <case>.codes (two codes a byte, the first in the high half), <case>.scales, and
dequantised values <case>.bf16 and <case>.fp32. Where the input is a tensor of models/luthier-tiny, input and fp32 are
left out.
"""
import pathlib

import torch
from bitsandbytes.functional import dequantize_4bit, get_4bit_type, quantize_4bit
from safetensors import safe_open
from safetensors.torch import save_file

BLOCK = 64
TINY = pathlib.Path("../../../../../models/luthier-tiny/model.safetensors")
TINY_TENSORS = ["model.layers.0.self_attn.k_proj.weight", "model.layers.4.self_attn.o_proj.weight"]


def block_of(values: torch.Tensor, peak: float) -> torch.Tensor:
    """One block of fewer values, led by the peak, which so becomes the scale, and filled up with zeros."""
    return torch.cat([torch.tensor([peak]), values, torch.zeros(BLOCK - 1 - len(values))])


def ties() -> torch.Tensor:
    """Values on the borders between two codes, and their neighbours on both sides."""
    code = get_4bit_type("nf4", "cpu")
    borders = (code[:-1] + code[1:]) / 2
    around = torch.cat([borders, torch.nextafter(borders, torch.tensor(-2.0)),
                        torch.nextafter(borders, torch.tensor(2.0)), code])
    return torch.cat([block_of(around * peak, peak) for peak in (1.0, -1.0, 4.0, 0.3, -0.7)])


def cases() -> dict[str, torch.Tensor]:
    """Inputs by name."""
    def normal(*shape: int, scale: float = 0.05) -> torch.Tensor:
        return scale * torch.randn(shape)

    zeros = normal(4, BLOCK)
    zeros[1] = 0
    zeros[3] = -0.0
    extremes = normal(8, BLOCK, scale=1)
    extremes[0, 5] = 3.4e38
    extremes[1, 0] = -3.39e38
    extremes[2] *= 2e-38
    extremes[3] *= 1e-39
    extremes[4] *= 3e37
    extremes[5] = 1
    extremes[6] = 0
    extremes[6, 63] = -1e-30
    extremes[7] = extremes[7] * 1e-6 + 1
    return {
        "fp32": normal(96, 80),
        "bf16": normal(48, 80).bfloat16(),
        "fp16": normal(40, 48).half(),
        "heavy_tails": (torch.randn(64, 64) ** 5).bfloat16(),
        "ragged": normal(1000),
        "odd": normal(33, 7),
        "single": normal(1, 1),
        "ragged_zeros": torch.cat([normal(BLOCK), torch.zeros(9)]),
        "zeros": zeros,
        "extremes": extremes,
        "ties": ties(),
    }


def main() -> None:
    """Writes golden.safetensors."""
    torch.manual_seed(11)
    golden = {}
    inputs = cases()
    with safe_open(TINY, "pt") as model:
        inputs |= {name: model.get_tensor(name) for name in TINY_TENSORS}
    for name, tensor in inputs.items():
        # Flat, because the CPU kernel starts its blocks anew in each row when rows are not multiples of the block.
        codes, state = quantize_4bit(tensor.reshape(-1), blocksize=BLOCK, quant_type="nf4", compress_statistics=False)
        golden[name + ".codes"] = codes.reshape(-1)
        golden[name + ".scales"] = state.absmax
        state.dtype = torch.bfloat16
        golden[name + ".bf16"] = dequantize_4bit(codes, state).reshape(-1)
        if name not in TINY_TENSORS:
            golden[name + ".input"] = tensor.contiguous()
            state.dtype = torch.float32
            golden[name + ".fp32"] = dequantize_4bit(codes, state).reshape(-1)
    save_file(golden, "golden.safetensors")


if __name__ == "__main__":
    main()
