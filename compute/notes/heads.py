"""Stars and notes on the heads of a model, whatever text is open."""

import re
import threading
from dataclasses import dataclass

from compute import limits, store
from compute.errors import HeadscopeError
from compute.notes import on_disk

FOLDER = "notes"
_NAME = re.compile(r"L([0-9]{1,4})H([0-9]{1,4})")
_turn = threading.Lock()
"""A star and a note of one head are in one file: who changes one keeps the other as it is then."""


@dataclass(frozen=True, order=True)
class Note:
    """What a person keeps of a head.

    Attributes
    ----------
    layer, head : int
    star : bool
        Whether it is on the shortlist.
    text : str
        The note; may be empty.
    """

    layer: int
    head: int
    star: bool = False
    text: str = ""

    @property
    def name(self) -> str:
        """The head, as ``L5H1``."""
        return f"L{self.layer}H{self.head}"


def of_model(identity: str) -> tuple[Note, ...]:
    """Return the heads of a model that have a star or a note, in their order.

    Parameters
    ----------
    identity : str
        `ModelInfo.owner`.
    """
    found = []
    for name, content in on_disk.read_all(FOLDER, _owner(identity)):
        if at := _NAME.fullmatch(name):
            note = _note(int(at[1]), int(at[2]), content)
            found += [note] if note.star or note.text else []
    return tuple(sorted(found))


def change(
    identity: str, layer: int, head: int, *, star: bool | None = None, text: str | None = None
) -> None:
    """Change the star of a head, or its note, and leave the other as it is.

    Raises
    ------
    HeadscopeError
        If the note is too long, or can't be kept.
    """
    name, owner = f"L{layer}H{head}", _owner(identity)
    if text is not None and len(text) > limits.NOTE:
        raise HeadscopeError(
            f"A note can have at most {limits.NOTE:,} characters. Make it shorter."
        )
    try:
        with _turn:
            before = _note(layer, head, on_disk.read(FOLDER, owner, name) or {})
            after = Note(
                layer,
                head,
                before.star if star is None else star,
                before.text if text is None else on_disk.plain(text),
            )
            if after.star or after.text:
                content = {"identity": identity, "star": after.star, "text": after.text}
                on_disk.write(FOLDER, owner, name, content)
            else:
                on_disk.delete(FOLDER, owner, name)
    except store.TroubleWriting as error:
        raise HeadscopeError(f"Your note on {name} could not be kept. {error}") from error


def _owner(identity: str) -> str:
    return store.key("notes", identity)


def _note(layer: int, head: int, content: dict) -> Note:
    text = content.get("text")
    text = on_disk.plain(text[: limits.NOTE]) if isinstance(text, str) else ""
    return Note(layer, head, content.get("star") is True, text)
