"""What a worker does with a shard: reads it, unless that was done before, and keeps its summary."""

from dataclasses import asdict, dataclass

from compute import store
from compute.corpora import Shard, read
from compute.corpus.findings import VERSION
from compute.corpus.shard import Stretch, summarise
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.machine import computing
from compute.models import loading
from compute.summaries.kept import SHARDS
from compute.summaries.summary import BROKEN, Kind


@dataclass(frozen=True)
class Task:
    """What is done with every shard.

    Attributes
    ----------
    spec : str
        Of the model.
    device, dtype : str
        See `computing`.
    limit : int
        See `Stretch`.
    """

    spec: str
    device: str
    dtype: str
    kind: Kind
    limit: int


@dataclass(frozen=True)
class Done:
    """What became of a shard.

    Attributes
    ----------
    name : str
        Of its summary in `SHARDS`; empty if there was nothing to read.
    tokens : int
    broken : int
    named : tuple of (str, str)
        Where some of the broken lines are, and what is wrong.
    """

    name: str
    tokens: int
    broken: int = 0
    named: tuple[tuple[str, str], ...] = ()


def measure(task: Task, shard: Shard) -> Done:
    """Return what became of a shard; its summary is in the store.

    Raises
    ------
    HeadscopeError
        If the model can't be loaded, or can't read the text.
    """
    computing.choose(task.device, task.dtype)
    documents, broken = read(shard)
    texts = [(document.text, document.part) for document in documents]
    where = [(span.file.name, span.start) for span in shard.spans]
    digest = store.key("stretch", where, texts)
    name = store.key("shard", VERSION, asdict(task.kind), digest, task.limit)
    bad = tuple(sorted((each.where, each.why) for each in broken)[:BROKEN])
    count = sum(each.times for each in broken)
    kept = SHARDS.get(name)
    if kept is not None:
        return Done(name, kept.read, count, bad)
    SHARDS.drop(name)
    model = loading.load(catalog.find(task.spec))
    if model.info.identity != task.kind.identity:
        raise HeadscopeError(
            f"{task.spec} is another model here than where the work was given out. Use the same "
            "files on all machines."
        )
    found = summarise(model, task.kind, Stretch(digest, documents, broken, task.limit))
    if found is None:
        return Done("", 0, count, bad)
    SHARDS.put(name, found)
    return Done(name, found.read, count, bad)
