"""Writes reference.safetensors with the reference implementation. Run with safetensors and torch in this folder."""

import torch
from safetensors.torch import save_file

VALUES = torch.tensor([[0.0, -1.5, 3.140625], [65504.0, 1e-3, -2.0]])

save_file({
    "b.float": VALUES.to(torch.float32),
    "a.float": VALUES.to(torch.float32) * 2,
    "half": VALUES.to(torch.float16),
    "brain": VALUES.to(torch.bfloat16),
    "double": VALUES.to(torch.float64),
    "longs": torch.tensor([1, -2, 1 << 40]),
    "ints": torch.tensor([7, -8], dtype=torch.int32),
    "shorts": torch.tensor([[9], [-10]], dtype=torch.int16),
    "bytes": torch.tensor([1, -1, 127], dtype=torch.int8),
    "unsigned": torch.tensor([0, 255], dtype=torch.uint8),
    "flags": torch.tensor([True, False, True]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros((0, 4)),
    "gr\u00fc\u00dfe": torch.tensor([1.0]),
}, "reference.safetensors", metadata={"format": "pt"})
