"""Imported once by the template process of jobs, never by the web process.

Torch and transformers first: opening a model needs them. UMAP joins them when its machine code is
on disk already (`maps.umap_code`); else it would hold up the first job, and a process of its own
compiles it meanwhile.

A process that is forked must be quiet: no threads that run, no locks that jobs would share.
"""

import importlib
import threading
import traceback

import torch
from tqdm import tqdm
from transformers import (  # noqa: F401
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
)

from compute.maps import umap_code, umap_library

# OpenMP's threads do not survive a fork.
torch.set_num_threads(1)
# tqdm's own lock would be one semaphore for all jobs, and a killed one might hold it for ever.
tqdm.set_lock(threading.RLock())
tqdm.monitor_interval = 0  # and no thread that watches its bars

for _name in ("bert", "gpt2", "llama"):  # transformers imports a family's code on its first use
    importlib.import_module(f"transformers.models.{_name}.modeling_{_name}")

umap_library.settle_numba()
if umap_code.umap_is_compiled():
    try:
        umap_code.use_umap()
    except Exception:  # the jobs that need UMAP will say so; all others must go on
        traceback.print_exc()
