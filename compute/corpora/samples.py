"""Corpora to try with, of what comes with Headscope or is installed anyway.

The built-in texts are what the rest of the page is tried with: small, done in a minute, and each
collection is a slice. The standard library of Python is on every machine that runs Headscope: some
million tokens of English (its documentation) beside as much code, which a head may treat unlike.
It is not shipped, but read from where Python is installed. Larger corpora of the world's text have
licences of many owners, or none; choose your own files for these.

A sample is made once, into a file of JSON lines in the cache folder.
"""

import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from compute import store, texts
from compute.corpora import python_library
from compute.corpora.chosen import Chosen
from compute.errors import HeadscopeError

_FOLDER = "samples"
VERSION = 1


@dataclass(frozen=True)
class Sample:
    """A corpus to try with.

    Attributes
    ----------
    name : str
        What names it in links and on the command line.
    title : str
    source : str
        Who made it, and what its licence is; a sentence or two.
    records : callable
        Yields each document and its slice.
    digest : callable
        Returns what the documents follow from, JSON-able.
    """

    name: str
    title: str
    source: str
    records: Callable[[], Iterator[tuple[str, str]]]
    digest: Callable[[], object]


def _built_in() -> Iterator[tuple[str, str]]:
    for name, text in texts.built_in().items():
        yield from ((passage, name) for passage in text.passages)


def _digests() -> list[str]:
    return [text.digest for text in texts.built_in().values()]


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "texts",
        "Built-in texts",
        "The five collections that come with Headscope, a slice each; made for it or in the public "
        "domain, as each says.",
        _built_in,
        _digests,
    ),
    Sample(
        "python",
        "Python's standard library",
        "Documentation and code of the Python that is installed here, under the Python Software "
        "Foundation's licence; some ten megabytes, made on the first use.",
        python_library.records,
        partial(platform.python_version),
    ),
)

_BY_NAME = {sample.name: sample for sample in SAMPLES}


def is_name(name: str) -> bool:
    """Tell whether a name is that of a sample."""
    return name in _BY_NAME


def load(name: str) -> Chosen:
    """Return a sample, which is made unless that was done before.

    Raises
    ------
    HeadscopeError
        If there is none of this name, nothing to make it of, or no room for it.
    """
    if name not in _BY_NAME:
        known = ", ".join(_BY_NAME)
        raise HeadscopeError(f"There is no corpus called “{name[:40]}”. Choose one of: {known}.")
    sample = _BY_NAME[name]
    key = store.key("sample", VERSION, name, sample.digest())
    path = store.root() / _FOLDER / f"{name}-{key}.jsonl"
    if not path.is_file():
        lines = [
            json.dumps({"text": text, "slice": part}, ensure_ascii=False)
            for text, part in sample.records()
        ]
        store.write_text(path, "\n".join(lines) + "\n")
    return Chosen((str(path.absolute()),), "text", "slice", sample.title)
