"""Imported once by the template process of jobs, never by the web process.

Torch and transformers first: opening a model needs them. UMAP joins them when its machine code is
on disk already (`compute.runtime`); else it would hold up the first job, and a process of its own
compiles it meanwhile.
"""

import importlib
import traceback

import torch  # noqa: F401
from transformers import (  # noqa: F401
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
)

from compute import runtime

for _name in ("bert", "gpt2", "llama"):  # transformers imports a family's code on its first use
    importlib.import_module(f"transformers.models.{_name}.modeling_{_name}")
runtime.settle_numba()
if runtime.umap_is_compiled():
    try:
        runtime.compile_umap()
    except Exception:  # the jobs that need UMAP will say so; all others must go on
        traceback.print_exc()
runtime.use_one_core()
