"""Pictures: collections of them, how one is read safely, and the grid of patches a model makes.

From outside: `pictures.load`, `keep`, `files_of`, `of_paths` and `Pictures`; `reading.picture`
gives the numbers of one, `grid.Grid` says which token is which patch.
"""

from compute.pictures.collections import (
    BUILT_IN,
    MOST,
    Pictures,
    built_in,
    files_of,
    is_name,
    keep,
    load,
    of_paths,
)

__all__ = [
    "BUILT_IN",
    "MOST",
    "Pictures",
    "built_in",
    "files_of",
    "is_name",
    "keep",
    "load",
    "of_paths",
]
