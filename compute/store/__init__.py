"""Everything that Headscope keeps on disk, and the only place where it deletes anything.

``folder`` says where the cache is and whether it is private, ``names`` what an entry may be called,
``entries`` reads them, ``drafts`` writes them, ``on_disk`` reads large arrays piece by piece,
``space`` holds the whole to its limit, ``stored`` is what all others use, one object for each kind
of result, and ``records`` makes that of results that are plain records.
"""

from compute.store.drafts import (
    Draft,
    clear_drafts,
    delete_text,
    draft_folder,
    scratch,
    together,
    write_bytes,
    write_text,
    writing,
)
from compute.store.entries import MANIFEST, Entry, discard, find, outside
from compute.store.folder import (
    TroubleWriting,
    check_room,
    of_the_disk,
    remove_fresh,
    root,
    settle,
    size_told,
    trouble,
)
from compute.store.names import key
from compute.store.on_disk import Damaged, OnDisk
from compute.store.records import record
from compute.store.space import IMPORTS, OWN, SIZE_LIMIT, Usage, empty, set_limit, sweep, usage
from compute.store.stored import Recent, Stored

__all__ = [
    "IMPORTS",
    "MANIFEST",
    "OWN",
    "SIZE_LIMIT",
    "Damaged",
    "Draft",
    "Entry",
    "OnDisk",
    "Recent",
    "Stored",
    "TroubleWriting",
    "Usage",
    "check_room",
    "clear_drafts",
    "delete_text",
    "discard",
    "draft_folder",
    "empty",
    "find",
    "key",
    "of_the_disk",
    "outside",
    "record",
    "remove_fresh",
    "root",
    "scratch",
    "set_limit",
    "settle",
    "size_told",
    "sweep",
    "together",
    "trouble",
    "usage",
    "write_bytes",
    "write_text",
    "writing",
]
