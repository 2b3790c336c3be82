"""Encoded samples and the files in which they are exchanged with Luthier."""

import dataclasses
import pathlib

import torch
from safetensors.torch import load_file, save_file


@dataclasses.dataclass
class Sample:
    """Token ids and the loss weight of each; a token's weight belongs to its being predicted, so the first has none."""

    tokens: torch.Tensor
    weights: torch.Tensor

    @property
    def labels(self) -> list[int]:
        """Token ids where they count in the loss, -100 elsewhere; weights must be 0 or 1."""
        assert bool(((self.weights == 0) | (self.weights == 1)).all()), "TRL knows no fractional loss weights"
        return torch.where(self.weights == 1, self.tokens, -100).tolist()


def write_samples(file: pathlib.Path, samples: list[Sample]) -> None:
    """Writes samples as one safetensors file: tokens, weights, lengths."""
    save_file(
        {
            "tokens": torch.cat([sample.tokens for sample in samples]),
            "weights": torch.cat([sample.weights for sample in samples]),
            "lengths": torch.tensor([len(sample.tokens) for sample in samples]),
        },
        file,
    )


def read_samples(file: pathlib.Path) -> list[Sample]:
    """Reads what `write_samples` or Luthier wrote."""
    stored = load_file(file)
    lengths = stored["lengths"].tolist()
    pairs = zip(stored["tokens"].split(lengths), stored["weights"].split(lengths), strict=True)
    return [Sample(tokens, weights) for tokens, weights in pairs]


def random_samples(seed: int, vocabulary: int, lengths: list[int]) -> list[Sample]:
    """Samples of random tokens, half of which count in the loss."""
    generator = torch.Generator().manual_seed(seed)
    samples = []
    for length in lengths:
        tokens = torch.randint(3, vocabulary, (length,), generator=generator)
        weights = (torch.rand(length, generator=generator) < 0.5).float()
        weights[0] = 0
        samples.append(Sample(tokens, weights))
    return samples
