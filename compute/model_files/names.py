"""What a person may call a model: told from the name alone, without a look at disk or network."""

import re
import unicodedata

from compute import limits
from compute.errors import HeadscopeError

SHOWN = 160  # characters of a name in a sentence

_ELSEWHERE = re.compile(r"[\\/]([\\/]|\?\?)|(?!imported:)[A-Za-z][A-Za-z0-9+.-]+:")
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # categories of Unicode: controls, surrogates, line ends
_JOINERS = "\u200c\u200d"  # needed inside words and emoji
_HUB = re.compile(r"[\w.-]+(/[\w.-]+)?")
_HUB_FILE = re.compile(r"([\w.-]+/[\w.-]+):([\w.-]+(?:/[\w.-]+)*\.gguf)")


def is_path(spec: str) -> bool:
    """Tell whether a name can only be a path."""
    return spec.startswith((".", "/", "~")) or "\\" in spec


def of_hub(spec: str) -> bool:
    """Tell whether a name can be that of a model of the hub: ``name`` or ``owner/name``."""
    return _HUB.fullmatch(spec) is not None


def file_of_hub(spec: str) -> tuple[str, str] | None:
    """Return repository and file of ``owner/name:file.gguf``; None for another name."""
    found = _HUB_FILE.fullmatch(spec)
    if not found or ".." in found[2].split("/"):
        return None
    return found[1], found[2]


def repository(spec: str) -> str:
    """Return the repository of a model or a file of the hub."""
    named = file_of_hub(spec)
    return named[0] if named else spec


def of_two(spec: str) -> tuple[str, str] | None:
    """Return model and adapter of ``model + adapter``; None for another name.

    No id of the hub has a plus in it. In a path it may stand: then the plus between the two needs
    space round it.
    """
    both = [part.strip() for part in (spec.split(" + ") if " + " in spec else spec.split("+"))]
    return (both[0], both[1]) if len(both) == 2 and all(both) else None


def parts(spec: str) -> tuple[str, ...]:
    """Return the names that a name is made of: model and adapter, or the one that it is."""
    return of_two(spec) or (spec,)


def checked(spec: str) -> str:
    """Return a model's name without the space round it, if it may be looked up at all.

    Touches neither disk nor network.

    Raises
    ------
    HeadscopeError
        For nothing, characters that no name has, a name that is too long, and one that would be
        looked for on another machine: an address, or a Windows share, to which merely looking
        sends the user's password hash.
    """
    spec = spec.strip()
    if not spec:
        raise HeadscopeError("No model was named. Type a folder or a Hugging Face id.")
    if len(spec) > limits.MODEL:
        raise HeadscopeError(
            f"The model's name has {len(spec):,} characters, and at most {limits.MODEL:,} can be "
            "one. Name a folder or a Hugging Face id."
        )
    if any(unicodedata.category(c) in _UNSEEN and c not in _JOINERS for c in spec):
        raise HeadscopeError(
            "The model's name has characters in it that can't be seen. Type the folder or the "
            "Hugging Face id anew."
        )
    if _ELSEWHERE.match(spec):
        raise HeadscopeError(
            f"{shown(spec)} is an address or a folder on another machine. Headscope opens folders "
            "of this machine by path, and models of the Hugging Face hub by owner/name."
        )
    return spec


def shown(spec: str) -> str:
    """Return a model's name as it can be told: a long one without its middle."""
    return spec if len(spec) <= SHOWN else f"{spec[: SHOWN // 2]} … {spec[-SHOWN // 2 :]}"
