"""Adapters of LoRA for the tiny models, made by peft."""

import warnings
from pathlib import Path

import peft
import torch


def adapted(net, folder: Path, targets=("query", "value"), **options) -> peft.PeftModel:
    """Give a net an adapter whose every number is random, and save the adapter."""
    config = peft.LoraConfig(r=4, lora_alpha=6, target_modules=list(targets), **options)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = peft.get_peft_model(net, config).eval()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_" in name or "modules_to_save" in name:
                    parameter.add_(torch.randn_like(parameter) * 0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an embedding's own numbers are saved with it
        model.save_pretrained(folder)
    return model
