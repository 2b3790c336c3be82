"""The adapters that parity is measured with."""

import dataclasses
import pathlib

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
ALL_LINEAR = [*ATTENTION, "gate_proj", "up_proj", "down_proj"]


@dataclasses.dataclass(frozen=True)
class Adapter:
    """What an adapter looks like, as run.json says it; `top_layers` 0 stands for all layers."""

    rank: int = 16
    alpha: int = 32
    targets: list[str] = dataclasses.field(default_factory=lambda: ALL_LINEAR)
    rslora: bool = False
    dora: bool = False
    top_layers: int = 0

    def config(self, layers: int) -> LoraConfig:
        """The same in PEFT's terms, for a model of some layers."""
        return LoraConfig(
            r=self.rank, lora_alpha=self.alpha, target_modules=self.targets, use_rslora=self.rslora, use_dora=self.dora,
            layers_to_transform=list(range(layers - self.top_layers, layers)) if self.top_layers else None,
            lora_dropout=0.0, task_type="CAUSAL_LM",
        )  # fmt: skip


VARIANTS = {
    "rank 4": Adapter(rank=4, alpha=8),
    "rank 16": Adapter(),
    "rank 64": Adapter(rank=64, alpha=64),
    "rsLoRA": Adapter(alpha=8, rslora=True),
    "DoRA": Adapter(dora=True),
    "attention only": Adapter(targets=ATTENTION),
    "top layers": Adapter(top_layers=2),
}


def save_fresh(model: PreTrainedModel, adapter: Adapter, seed: int, folder: pathlib.Path) -> None:
    """Saves an adapter as PEFT initialises it: it changes nothing yet."""
    torch.manual_seed(seed)
    get_peft_model(model, adapter.config(model.config.num_hidden_layers)).save_pretrained(str(folder))


def save_random(model: PreTrainedModel, adapter: Adapter, seed: int, folder: pathlib.Path) -> None:
    """Saves an adapter that changes the model: B is random too, and magnitudes are off by some percent."""
    torch.manual_seed(seed)
    adapted: PeftModel = get_peft_model(model, adapter.config(model.config.num_hidden_layers))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.02 * torch.randn_like(parameter))
            elif "magnitude" in name:
                parameter.mul_(1 + 0.05 * torch.randn_like(parameter))
    adapted.save_pretrained(str(folder))
