"""The training text: two public-domain texts, as Debian packages them.

``apt-get install bible-kjv bible-kjv-text jargon-text``
"""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

JARGON = Path("/usr/share/doc/jargon-text/jargon.txt.gz")
VERSES = 12  # in one document: about as long as a training window
SHORTEST = 600  # characters of a document made of the Jargon File's paragraphs
PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": " - ", "–": "-", "…": "..."})


def documents(file: Path | None = None) -> list[str]:
    """Return the documents to train on.

    Parameters
    ----------
    file : Path, optional
        A text of one document a line, instead of the two packages.

    Raises
    ------
    FileNotFoundError
        If neither the file nor the packages are there.
    """
    if file is not None:
        lines = file.read_text(encoding="utf-8").splitlines()
        return [line.strip() for line in lines if line.strip()]
    return [tidy(text) for text in bible() + jargon()]


def bible() -> list[str]:
    """Return the King James Bible, twelve verses a document."""
    reader = shutil.which("bible")
    if reader is None:
        raise FileNotFoundError("no reader of the Bible: apt-get install bible-kjv bible-kjv-text")
    reply = subprocess.run(
        [reader, "-l100000", "gen1:1-rev22:21"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        text=True,
        errors="replace",
    )
    verses = re.findall(r"^ *\d+ (.+)$", reply.stdout, flags=re.MULTILINE)
    return [" ".join(verses[i : i + VERSES]) for i in range(0, len(verses), VERSES)]


def jargon() -> list[str]:
    """Return the prose of the Jargon File, its paragraphs joined to documents of some length."""
    if not JARGON.exists():
        raise FileNotFoundError("no Jargon File: apt-get install jargon-text")
    with gzip.open(JARGON, "rt", encoding="utf-8", errors="replace") as file:
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", file.read())]
    result, current = [], ""
    for paragraph in filter(_is_prose, paragraphs):
        current = f"{current} {paragraph}".strip()
        if len(current) > SHORTEST:
            result.append(current)
            current = ""
    return result


def tidy(text: str) -> str:
    """Return `text` in ASCII, typographic signs replaced, white space collapsed."""
    return " ".join(text.translate(PLAIN).encode("ascii", "ignore").decode().split())


def _is_prose(paragraph: str) -> bool:
    """Tell prose from tables, drawings and headings."""
    letters = sum(c.isalpha() or c == " " for c in paragraph)
    drawn = re.search(r"[─│┌└├═|]", paragraph)
    return len(paragraph) >= 80 and letters > 0.85 * len(paragraph) and not drawn
