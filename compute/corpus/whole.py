"""A whole corpus: its shards are given out, and what comes back is added up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from compute import corpora, store, texts
from compute.corpora import Chosen, Plan
from compute.corpus import classes, findings
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.corpus.findings import FINDINGS, Whole
from compute.corpus.keeping import ids_of
from compute.corpus.keeping import keep as keep_whole
from compute.corpus.measuring import Done, Task
from compute.corpus.measuring import measure as of_shard
from compute.engine import Crew, Failed, hire
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.machine import memory, pool
from compute.models import loading
from compute.models.model import Model, of_pictures, one_stack_only
from compute.progress import Meter, Report
from compute.summaries import kept
from compute.summaries.kept import SHARDS
from compute.summaries.passages import SAMPLE
from compute.summaries.summary import BROKEN, Kind, Summary
from compute.texts import vocabulary
from compute.texts.tokenise import strings

ROOM = 2**30
"""Bytes that a worker needs besides the weights of the model."""
FEW = 2**16
"""Tokens that one process has read before others would have begun."""
_ALL = 2**63
Again = Callable[[corpora.Shard], None]


@dataclass(frozen=True)
class Options:
    """How a corpus is measured.

    Attributes
    ----------
    tokens : int or None
        After so many no further shard is read; None for all of the corpus.
    length : int
        Tokens of a passage, at most; special ones count.
    rules : str
        Classes of tokens, see `classes.names`.
    loss : bool
        Whether to measure how well next tokens are predicted, too; causal models only.
    workers, threads : int or None
        None for as many as suit the machine. Results may depend on `threads` in their last bits,
        never on `workers`.
    scheduler : str
        Address of a Dask scheduler; empty for this machine.
    seed : int
        Of the order in which shards are read.
    """

    tokens: int | None = 1_000_000
    length: int = 256
    rules: str = ""
    loss: bool = False
    workers: int | None = None
    threads: int | None = None
    scheduler: str = ""
    seed: int = 0


def measure(spec: str, chosen: Chosen, options: Options, report: Report) -> str:
    """Measure all heads over a corpus, unless that was done before.

    Parameters
    ----------
    report : callable
        Takes ``(percent, sentence)``.

    Returns
    -------
    str
        The name of what was found in `FINDINGS`.

    Raises
    ------
    HeadscopeError
        If the model or the corpus can't be read, or nothing is in it.

    Notes
    -----
    What is done of it is kept shard by shard: started again, it goes on where it was.
    """
    report((0, "Looking at the corpus …"))
    plan = corpora.plan(chosen, options.tokens, options.seed)
    report((0, "Loading the model …"))
    model = loading.load(catalog.find(spec))
    need = _need(model)
    threads = options.threads or _threads(need)
    task = task_of(spec, model, plan, options, threads)
    total = _Total()
    with hire(
        workers=_workers(plan, options),
        threads=threads,
        memory=need,
        scheduler=options.scheduler or None,
    ) as crew:
        report((0, f"{crew.words} They read their first texts …"))
        _gather(total, plan, crew, partial(of_shard, task), options, report)
    if total.summary is None:
        raise HeadscopeError(
            "No text could be read in this corpus. " + _why_none(total) + "Choose other files."
        )
    report((100, "Adding up …"))
    return keep(total.summary, model, _about(model, spec, plan, options, total))


def task_of(spec: str, model: Model, plan: Plan, options: Options, threads: int) -> Task:
    """Return what is done with every shard of a plan.

    Raises
    ------
    HeadscopeError
        If the model can't be measured so.
    """
    kind = _kind(model, options, threads)
    return Task(spec, model.net.device.type, model.info.dtype, kind, _limit(plan, options))


@dataclass
class _Total:
    """What was added up so far: shards in their order, without a gap."""

    summary: Summary | None = None
    left_out: list[tuple[str, str]] = field(default_factory=list)
    broken: int = 0
    named: list[tuple[str, str]] = field(default_factory=list)
    tokens: int = 0

    def take(self, shard: corpora.Shard, outcome: Done | Failed, again: Again) -> None:
        """Add what became of a shard; if that is not kept any more, it is done again."""
        if isinstance(outcome, Failed):
            self.left_out.append((_named(shard), outcome.why))
            return
        self.broken += outcome.broken
        self.named = sorted([*self.named, *outcome.named])[:BROKEN]
        if not outcome.name:
            return
        found = SHARDS.get(outcome.name)
        if found is None:  # a full cache was cleared while it waited for its turn
            again(shard)
            found = SHARDS.get(outcome.name)
        if found is None:
            raise HeadscopeError(
                "What a worker kept is not in this cache folder. All workers need the same cache "
                "folder (HEADSCOPE_CACHE) as where the work is given out."
            )
        self.summary = found if self.summary is None else self.summary.plus(found)
        self.tokens += outcome.tokens


def _gather(
    total: _Total,
    plan: Plan,
    crew: Crew,
    work: Callable[[corpora.Shard], Done],
    options: Options,
    report: Report,
) -> None:
    """Add up the first shards that have as many tokens as are wanted."""

    def again(shard: corpora.Shard) -> None:
        list(crew.each(work, [shard]))

    outcomes = crew.each(work, plan.shards)
    wanted, whole = options.tokens, _expected(plan, options)
    meter = Meter(report, "tokens", pace=True)
    waiting: dict[int, Done | Failed] = {}
    read, next_one = 0, 0
    for number, outcome in outcomes:
        waiting[number] = outcome
        read += outcome.tokens if isinstance(outcome, Done) else 0
        while next_one in waiting and (wanted is None or total.tokens < wanted):
            total.take(plan.shards[next_one], waiting.pop(next_one), again)
            next_one += 1
        meter.at(min(read, whole), whole)
        if wanted is not None and total.tokens >= wanted:
            break
    meter.at(total.tokens, max(total.tokens, 1))
    meter.close()
    outcomes.close()


def _kind(model: Model, options: Options, threads: int) -> Kind:
    info = model.info
    if info.part:
        raise one_stack_only(info.name)
    if model.grid is not None:
        raise of_pictures(info.name)
    if options.loss and info.task != "causal":
        raise HeadscopeError(
            f"{info.name} does not predict the next token, so there is no loss in reading. Leave "
            "the loss away, or choose a causal model."
        )
    longest = min(options.length, info.positions or options.length)
    return Kind(
        identity=info.identity,
        model=info.name,
        precision=f"{model.net.device.type} {info.dtype}, threads {threads}",
        layers=info.layers,
        heads=info.heads,
        length=longest,
        scores=tuple(CORPUS_SCORES),
        classes=classes.names(options.rules),
        rules=options.rules.strip(),
        causal=info.causal,
        loss=options.loss,
    )


def _workers(plan: Plan, options: Options) -> int | None:
    """Return how many workers to ask for: none where starting them takes longer than the work."""
    few = _expected(plan, options) <= FEW and not options.scheduler
    return 0 if options.workers is None and few else options.workers


def _need(model: Model) -> int:
    """Return about how many bytes a worker needs."""
    return ROOM + sum(p.nbytes for p in model.net.parameters())


def _threads(need: int) -> int:
    """Return the threads of a worker: all cores are used, by as many workers as memory allows.

    It goes by the whole memory of the machine, not by what is free now: results are to be the same
    tomorrow.
    """
    cores = pool.cores()
    return max(1, cores // max(1, min(cores, memory.total() // need)))


def _limit(plan: Plan, options: Options) -> int:
    """Return below which hash passages may be in the sample: about twice as many as are kept."""
    return min(_ALL, 2 * SAMPLE * _ALL // _expected(plan, options))


def _expected(plan: Plan, options: Options) -> int:
    """Return about how many tokens will be read; four bytes are one."""
    return min(options.tokens or plan.size, max(plan.size // 4, 1))


def _named(shard: corpora.Shard) -> str:
    """Return a shard in words."""
    first = shard.spans[0]
    more = f" and {len(shard.spans) - 1} more files" if len(shard.spans) > 1 else ""
    return f"{first.file.name} from byte {first.start:,}{more}"


def _why_none(total: _Total) -> str:
    first = next(iter([*total.left_out, *total.named]), None)
    return f"{first[0]}: {first[1].rstrip('.')}. " if first else ""


def _about(model: Model, spec: str, plan: Plan, options: Options, total: _Total) -> dict:
    info = model.info
    return {
        "model": spec,
        "name": info.name,
        "identity": info.identity,
        "task": info.task,
        "causal": info.causal,
        "layers": info.layers,
        "heads": info.heads,
        "corpus": plan.title,
        "wanted": options.tokens,
        "seed": options.seed,
        "left_out": [list(pair) for pair in total.left_out],
        "notes": list(plan.notes),
        "broken": total.broken,
        "broken_lines": [list(pair) for pair in total.named],
    }


def keep(summary: Summary, model: Model, about: dict) -> str:
    """Keep what a summary leads to, and return its name in `FINDINGS`."""
    found = findings.of(summary, about)
    ids = ids_of(summary)
    shown = dict(zip(ids.tolist(), strings(model.tokenizer, ids), strict=True))
    return keep_whole(Whole(found, summary, shown, vocabulary.special(model.tokenizer)))


def sample_text(name: str) -> str:
    """Keep the random sample of findings as a text of the person's own; return the text's name.

    Whole passages, so that maps of it have their trust, and heatmaps: any head can be looked at.
    """
    entry = store.find(FINDINGS.kind, name)
    if entry is None:
        raise HeadscopeError("What was found in this corpus is not kept any more. Measure again.")
    found = kept.read_passages(entry)
    lines = [found[number].text for number in entry.array("sample_hash").tolist()]
    title = f"Sample of {entry.values['about']['corpus']}"
    return texts.save_user(texts.from_user("\n".join(lines), name=title, by="line"))
