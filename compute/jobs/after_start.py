"""What a server does aside, once, when it has started."""

from compute import store
from compute.maps.umap_code import compile_umap


def after_start() -> None:
    """Do aside what a server does once: clear what killed ones left, and compile UMAP."""
    store.sweep()
    compile_umap()
