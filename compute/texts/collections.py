"""Texts to look at: five built-in collections, and the user's own, kept so that a link restores it.

A text is a list of passages, each read by the model on its own. No tokens here: those belong to
a model.
"""

import contextlib
import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from compute import store
from compute.errors import HeadscopeError
from compute.finding import imported

BUILT_IN = ("prose", "questions", "code", "grammar", "pairs")
LONGEST = 1_000_000
"""The longest text of the user's own, in characters."""

SEPARATOR = "⇥"
"""Between a source and its target in one line."""

_FOLDER = Path(__file__).parents[2] / "data" / "texts"
_OWN = re.compile(r"own-[0-9a-f]{24}")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
_NOT_TEXT = "This is not plain text. Save it as a .txt file in UTF-8 and try again."


@dataclass(frozen=True)
class Text:
    """A named list of passages.

    Attributes
    ----------
    name : str
        What names the text in a link: ``prose``, or ``own-`` and the digest.
    title : str
        What the page calls it.
    passages : tuple of str
        One line each, never empty, white space collapsed.
    source : str
        Who wrote it, in one sentence.
    digest : str
        24 hexadecimal digits, from the passages (and targets) alone: equal ones have equal digests.
    targets : tuple of str
        What the decoder of an encoder–decoder reads with each passage; empty where it shall write
        that itself. None at all in texts without.
    """

    name: str
    title: str
    passages: tuple[str, ...]
    source: str
    digest: str
    targets: tuple[str, ...] = ()


def built_in() -> dict[str, Text]:
    """Return the built-in texts by name, the default (``prose``) first."""
    return {name: _read_built_in(name) for name in BUILT_IN}


def from_user(
    content: str | bytes,
    *,
    name: str = "Your text",
    by: Literal["line", "paragraph", "auto"] = "auto",
    targets: str | bytes | None = None,
) -> Text:
    """Return the user's own text, cut into passages.

    A line of source and target has `SEPARATOR` between them, or a tab in a file named .tsv.

    Parameters
    ----------
    content : str or bytes
        Pasted text, or the bytes of a file in UTF-8 (or in UTF-16 with a byte order mark).
    name : str
        The title, such as the file's name.
    by : {"line", "paragraph", "auto"}
        One passage a line, or a paragraph (blank lines between); ``auto`` takes paragraphs where
        there are blank lines, and lines otherwise.
    targets : str or bytes, optional
        Targets for the passages, one a line; a line may be empty.

    Raises
    ------
    HeadscopeError
        If `content` is empty, is not text, or is longer than `LONGEST`; if there are other than one
        target for each passage.
    """
    text = _read(content)
    if name.lower().endswith(".tsv"):
        text = text.replace("\t", SEPARATOR)
    passages, found = _pairs(_cut(text, by))
    if not passages:
        raise HeadscopeError("There is no text in it. Paste or choose some with words in it.")
    if targets is not None:
        found = _given(_read(targets), len(passages))
    digest = _digest(passages, found)
    title = " ".join(_CONTROL.sub(" ", name).split())[:80] or "Your text"
    return Text(f"own-{digest}", title, passages, "Your own text.", digest, found)


def save_user(text: Text) -> str:
    """Keep a text of `from_user` in the cache folder, and return the name that `load` knows.

    Raises
    ------
    HeadscopeError
        If the folder can't be written.
    """
    kept = {"title": text.title, "passages": text.passages}
    kept |= {"targets": text.targets} if text.targets else {}
    content = json.dumps(kept, ensure_ascii=False)
    path = _own_path(text.name)
    try:
        store.write_text(path, content)
    except store.TroubleWriting as error:
        raise HeadscopeError(f"Your text could not be kept. {error}") from error
    return text.name


def load(name: str) -> Text:
    """Return a built-in text, or one that `save_user` kept.

    Parameters
    ----------
    name : str
        May come from a link: nothing but a known name or ``own-`` and a digest reaches the disk.

    Raises
    ------
    HeadscopeError
        If there is no such text (any more).
    """
    if name in BUILT_IN:
        return _read_built_in(name)
    if imported.is_one(name):
        raise HeadscopeError(
            "Imported vectors came with tokens, which another model can't read. Choose another "
            "text for it."
        )
    if not _OWN.fullmatch(name):
        raise HeadscopeError(
            f"There is no text called “{name[:40]}”. Choose one of: {', '.join(BUILT_IN)}."
        )
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(_own_path(name).read_text(encoding="utf-8"))
        passages, targets = tuple(kept["passages"]), tuple(kept.get("targets", ()))
        digest = name.removeprefix("own-")
        if _digest(passages, targets) == digest:  # else the file was damaged
            return Text(name, kept["title"], passages, "Your own text.", digest, targets)
    raise HeadscopeError("This text of yours is not kept here any more. Paste it once again.")


@lru_cache(maxsize=len(BUILT_IN))
def _read_built_in(name: str) -> Text:
    head, _, body = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    passages, targets = _pairs(_cut(body, "line"))
    digest = _digest(passages, targets)
    return Text(name, fields["title"], passages, fields["source"], digest, targets)


def _read(content: str | bytes) -> str:
    # Four bytes are the most that one character takes: longer ones need no decoding to refuse.
    if len(content) > (LONGEST if isinstance(content, str) else 4 * LONGEST):
        raise _too_long()
    text = _decode(content)
    if len(text) > LONGEST:
        raise _too_long()
    return text


def _decode(content: str | bytes) -> str:
    """Return `content` as text with simple line ends; refuse what is none."""
    if isinstance(content, bytes):
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        try:
            content = content.decode("utf-16" if wide else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise HeadscopeError(_NOT_TEXT) from error
    # A lone surrogate has no UTF-8, and so could neither be kept nor hashed.
    if "\0" in content or any("\ud800" <= c <= "\udfff" for c in content):
        raise HeadscopeError(_NOT_TEXT)
    return content.replace("\r\n", "\n").replace("\r", "\n")


def _cut(text: str, by: str) -> tuple[str, ...]:
    text = text.strip()
    paragraphs = by == "paragraph" or (by == "auto" and _BLANK_LINE.search(text))
    parts = _BLANK_LINE.split(text) if paragraphs else text.split("\n")
    return tuple(part for part in map(tidy, parts) if visible(part))


def _pairs(parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take targets off passages; none at all if no passage has one.

    Raises
    ------
    HeadscopeError
        If a passage is nothing but a target.
    """
    cut = [tuple(side.strip() for side in part.partition(SEPARATOR)[::2]) for part in parts]
    if alone := [target for source, target in cut if visible(target) and not visible(source)]:
        raise HeadscopeError(
            f"“{SEPARATOR} {alone[0][:40]}” is a target without a source. Write “source "
            f"{SEPARATOR} target” in one line, or leave {SEPARATOR} away."
        )
    cut = [pair for pair in cut if visible(pair[0])]
    passages = tuple(source for source, _ in cut)
    targets = tuple(target if visible(target) else "" for _, target in cut)
    return passages, targets if any(targets) else ()


def _given(text: str, count: int) -> tuple[str, ...]:
    """Return targets that came by themselves, one a line."""
    lines = [tidy(line) for line in text.removesuffix("\n").split("\n")]
    while len(lines) > count and not lines[-1]:
        del lines[-1]
    if len(lines) != count:
        raise HeadscopeError(
            f"The number of targets is {len(lines):,}, that of passages {count:,}: give one line "
            "for each passage, empty where the model shall write it."
        )
    targets = tuple(line if visible(line) else "" for line in lines)
    return targets if any(targets) else ()


def tidy(part: str) -> str:
    """Return a passage as it is kept: in one line, white space collapsed, no control characters."""
    return " ".join(_CONTROL.sub(" ", part).split())


def visible(part: str) -> bool:
    """Tell whether a tokenizer would find anything in it: letters, numbers, signs or symbols."""
    return any(unicodedata.category(c)[0] in "LNPS" for c in part)


def _digest(passages: tuple[str, ...], targets: tuple[str, ...] = ()) -> str:
    return store.key("text", passages, *([targets] if targets else []))


def _own_path(name: str) -> Path:
    if not _OWN.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a user's text")
    return store.root() / "texts" / f"{name}.json"


def _too_long() -> HeadscopeError:
    return HeadscopeError(
        f"The text is longer than {LONGEST:,} characters. Cut out the part you want to look at."
    )
