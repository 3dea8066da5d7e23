"""What a person chose to read, and what comes of it: shards, documents, and broken lines."""

from dataclasses import dataclass

FIELDS = ("text", "content", "document", "body")
"""Where the text is looked for in records, if nobody says where."""

LONGEST_PART = 60
"""Characters of a slice's name."""


class Unreadable(Exception):
    """A file can't be read as it was planned; its message is a sentence.

    It spoils the shard, not the whole: therefore it is no `HeadscopeError`.
    """


@dataclass(frozen=True)
class Chosen:
    """A corpus as a person names it.

    Attributes
    ----------
    paths : tuple of str
        Files or folders, absolute.
    field : str
        Where the text is in JSON lines, Parquet and data sets, such as ``text`` or ``meta.text``;
        "" finds it: the first of `FIELDS`.
    by : str
        What the slices are: ``file``, ``folder`` (the first below the chosen one), the name of a
        field, or "" for none.
    title : str
        What it is called; by default the names of its files.
    """

    paths: tuple[str, ...]
    field: str = ""
    by: str = "file"
    title: str = ""

    @property
    def by_field(self) -> str:
        """The name of the field that slices it, or ""."""
        return "" if self.by in ("", "file", "folder") else self.by


@dataclass(frozen=True)
class File:
    """A file of a corpus.

    Attributes
    ----------
    path : str
        Absolute.
    name : str
        Below what was chosen, with "/": the same wherever the corpus lies.
    kind : str
        The name of its format.
    size, changed : int
        Bytes, and seconds since 1970, when it was planned: another one is not read.
    part : str
        Its slice, where that follows from where it lies.
    """

    path: str
    name: str
    kind: str
    size: int
    changed: int
    part: str = ""


@dataclass(frozen=True)
class Span:
    """A stretch of a file: what begins at or after byte `start` and before byte `stop` of it."""

    file: File
    start: int
    stop: int


@dataclass(frozen=True)
class Shard:
    """What is read at once: a stretch of a large file, or a handful of small files.

    Attributes
    ----------
    number : int
        Place in the plan.
    spans : tuple of Span
    field, by : str
        The fields of text and slice; "" see `Chosen`, and for none.
    """

    number: int
    spans: tuple[Span, ...]
    field: str = ""
    by: str = ""


@dataclass(frozen=True)
class Plan:
    """A corpus, cut into shards.

    Attributes
    ----------
    title : str
    shards : tuple of Shard
        In the order of a hash: those of any prefix are a random sample. If only so many tokens are
        wanted, these are some four times what that takes, not all there are.
    size : int
        Bytes of text in the whole corpus, about.
    notes : tuple of str
        Sentences on what was left out.
    """

    title: str
    shards: tuple[Shard, ...]
    size: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A text, as it stands in its file, and its slice."""

    text: str
    part: str


@dataclass(frozen=True)
class Broken:
    """What can't be read: where (``news.jsonl, line 17``), why, and how many that stands for."""

    where: str
    why: str
    times: int = 1
