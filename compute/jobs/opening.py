"""What background jobs run: progress in, a small dictionary out; arrays go to the store.

Heavy libraries are imported inside the functions: the web process imports this module too.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from compute import pictures, runs, store, texts
from compute.errors import HeadscopeError
from compute.finding import catalog, imported, known
from compute.machine import bounds, chosen_layers
from compute.model_files import folders, reads
from compute.models.model import PARTS, ModelInfo
from compute.progress import Meter, Report
from compute.runs import ablated_runs, computed_layers

if TYPE_CHECKING:
    from compute.models.model import Model


class NoSuchPart(HeadscopeError):
    """A model doesn't have the part that was asked for."""


def open_run(
    spec: str,
    text_name: str,
    report: Report,
    off: str = "",
    method: str = "zero",
    part: str = "",
    layers: str | None = None,
    exactly: bool = False,
) -> dict:
    """Read a text with a model, unless that was done before, and describe the run.

    Parameters
    ----------
    spec : str
        What names a model; see `catalog.find`.
    text_name : str
        A built-in collection or a text of the user's own, or a set of pictures; of imported
        vectors, what names these. A model that can't read what it names reads the first built-in
        one of its kind.
    report : callable
        Takes ``(percent, sentence)``.
    off, method : str
        Heads to switch off, and how; see `runs.ablated_runs`.
    part : str
        Of an encoder–decoder: which of `model.PARTS`; its encoder unless it is said.
    layers : str, optional
        Which are stored, as `chosen_layers` says them, or all where it is empty; those of `bounds`
        unless it is said. What is stored of them is not computed again. Encoder–decoders are stored
        whole.
    exactly : bool
        Refuse what the model can't read, before anything is computed of another text.

    Returns
    -------
    dict
        JSON-able; see `describe`.

    Raises
    ------
    NoSuchPart
        If the model has no such part.
    HeadscopeError
        If the model or the text cannot be used, or the model has no such heads.
    """
    source = catalog.find(spec)
    if source.run:
        return _imported(source, text_name, off, part)
    text = read_by(source, text_name)
    if exactly and folders.complete(folders.file_names(source.folder)):  # its files tell
        _check_named(source, text, text_name)
    if layers is not None:
        layers = chosen_layers.words(chosen_layers.numbers(layers))
    asked = _asked(source, text, off, layers)
    key = _stored(source, text, off, method, part, asked)
    run = runs.RUNS.get(key)
    if run is not None:
        known.note(source)
        _check_part(run.model, part)
    if run is None:
        from compute.models import loading
        from compute.runs import picture_vectors, vectors

        report((0, catalog.to_do(source) or f"Loading {source.name} …"))
        model = loading.load(source)
        if _differs(model.info, text):  # its files, which tell what it reads, were not here before
            text = read_by(source, text_name)
            key = _stored(source, text, off, method, part, asked)
        if exactly:
            _check_named(source, text, text_name)
        _check_kind(model.info, text)
        of_pictures = isinstance(text, pictures.Pictures)
        report((0, "Reading the pictures …" if of_pictures else "Reading the text …"))
        progress = Meter(report, "tokens").at
        _check_part(model.info, part, off)

        def announce(said: str) -> None:
            report((0, said))

        if model.parts:
            run = _parts(model, source, text, report, announce)[part or PARTS[0]]
        elif off:
            run = ablated_runs.extract(model, text, off, method, key, progress, asked)
        else:
            way = picture_vectors if of_pictures else vectors

            def read(some: str) -> runs.Run:
                name = _key(source, text, layers=some)
                found = runs.RUNS.get(name)
                return found or way.extract(
                    model, text, name, progress, announce=announce, layers=some
                )

            run = _of_layers(asked, read, model.info.layers, key)
    more = {"off": off, "method": method} if off else {}
    more |= {} if layers is None else {"layers": layers}
    return describe(run, spec, text.name) | more | ({"part": part} if part else {})


def _of_layers(asked: str, read: Callable[[str], runs.Run], count: int, key: str) -> runs.Run:
    """Return a run of some layers: those of `bounds` as one piece, and each other one as another.

    Parameters
    ----------
    read : callable
        Returns a run of some layers, which is made unless it is stored.
    count : int
        How many layers the model has.

    Raises
    ------
    HeadscopeError
        If the model has none of them, or all of them together are above the budget.
    """
    from compute.runs import cost

    usual, wanted = (
        {layer for layer in chosen_layers.numbers(said) if layer < count}
        for said in (bounds.layers(), asked)
    )
    if len(wanted) == count or not asked:
        return read("")
    if not usual or not usual < wanted:
        return read(asked)
    first = read(bounds.layers())
    cost.check_budget([cost.of_layers(first, wanted)])
    singles = [read(str(layer)) for layer in sorted(wanted - usual)]
    runs.RUNS.put(key, runs.joined(key, [first, *singles]))
    computed_layers.remember(first.key, asked, key)
    return runs.load(key)


def _asked(
    source: catalog.Source, text: texts.Text | pictures.Pictures, off: str, layers: str | None
) -> str:
    """Return which layers are to be stored: those that are named, or the usual ones.

    With the usual ones go those that were computed beside them, while no heads are off.
    """
    if layers is not None:
        return layers
    usual = bounds.layers()
    more = computed_layers.of(_key(source, text, layers=usual)) if usual and not off else ""
    return more or usual


def _stored(
    source: catalog.Source,
    text: texts.Text | pictures.Pictures,
    off: str,
    method: str,
    part: str,
    layers: str,
) -> str:
    """Return the name of a run of some layers, or of the whole one where that is stored."""
    whole = _key(source, text, off, method, part)
    if not layers or runs.RUNS.has(whole):
        return whole
    return _key(source, text, off, method, part, layers)


def _imported(source: catalog.Source, text_name: str, off: str, part: str) -> dict:
    """Describe imported vectors, which have no text but their own, and no heads to switch off."""
    if part:
        raise NoSuchPart(f"{source.name} holds imported vectors, which have no parts.")
    if off or text_name != source.spec:
        raise imported.no_weights(source.name)
    run = runs.RUNS.get(source.run)
    if run is None:
        raise HeadscopeError(
            f"The vectors of {source.name} are damaged or no longer in the cache. Import them "
            "again: python -m compute import"
        )
    return describe(run, source.spec, text_name)


def _check_part(model: ModelInfo, part: str, off: str = "") -> None:
    """Refuse parts of models without, and heads that can't be switched off yet."""
    name = model.name
    if part and part not in model.parts:
        there = f"its parts are {', '.join(PARTS)}" if model.parts else "it has one stack of layers"
        raise NoSuchPart(f"{name} has no part called “{part[:20]}”: {there}.")
    if off and model.parts:
        raise HeadscopeError(
            f"{name} has an encoder and a decoder: switching heads off is not possible there yet."
        )


def _parts(
    model: "Model",
    source: catalog.Source,
    text: texts.Text,
    report: Report,
    announce: Callable[[str], None],
) -> dict[str, runs.Run]:
    """Read a text with an encoder–decoder: one pass gives a run for each part."""
    from compute.runs import pair_vectors

    keys = {part: _key(source, text, part=part) for part in PARTS}
    meters = Meter(report, "tokens"), Meter(report, "targets written")
    return pair_vectors.extract(model, text, keys, *(meter.at for meter in meters), announce)


def read_by(source: catalog.Source, name: str) -> texts.Text | pictures.Pictures:
    """Return what a model reads of what a name means: that, if it can read it.

    Raises
    ------
    HeadscopeError
        If there is no such text or set of pictures, or none that the model can read.
    """
    named = pictures if pictures.is_name(name) else texts
    wanted = pictures if reads.pictures(source) else texts
    if named is wanted:
        return named.load(name)
    return wanted.load(wanted.BUILT_IN[0])


def _differs(info: ModelInfo, text: texts.Text | pictures.Pictures) -> bool:
    """Tell whether a text is for models of another kind."""
    return (info.task == "picture") != isinstance(text, pictures.Pictures)


def _check_named(source: catalog.Source, text: texts.Text | pictures.Pictures, name: str) -> None:
    """Refuse a name of what the model can't read, for which another text stands in."""
    if text.name != name:
        kind = "texts" if pictures.is_name(name) else "pictures"
        raise HeadscopeError(f"{source.name} reads {kind}, not what was named. Name {kind} for it.")


def _check_kind(info: ModelInfo, text: texts.Text | pictures.Pictures) -> None:
    """Refuse what a model can't read, where its files did not tell."""
    if _differs(info, text):
        kind = "pictures" if info.task == "picture" else "texts"
        raise HeadscopeError(f"{info.name} reads {kind}. Open {kind} with it.")


def _key(
    source: catalog.Source,
    text: texts.Text | pictures.Pictures,
    off: str = "",
    method: str = "zero",
    part: str = "",
    layers: str = "",
) -> str:
    """Return the name of a run; that of the encoder is that of a model of one stack."""
    key = runs.key_of(source, text, "" if part == PARTS[0] else part, layers)
    return ablated_runs.key(key, off, method) if off else key


def describe(run: runs.Run, spec: str, text_name: str) -> dict:
    """Return what the page needs to know of a run; JSON-able."""
    return {
        "key": run.key,
        "spec": spec,
        "text": text_name,
        "title": run.title,
        "notes": list(run.notes),
        "tokens": len(run.tokens),
        "keys": len(run.keys),
        "passages": len(run.tokens.starts) - 1,
        "values": run.v_norm is not None,
        "model": asdict(run.model),
        "held": None if run.held is None else list(run.held),
    }


def still_there(result: object) -> bool:
    """Tell whether what a finished job's description stands for is still true and in the store.

    A description lists the entries that it stands for as ``needs``, by `Stored.ref`; one without
    such a list is not believed. That of an opened run has its model, text and key instead, for what
    the first two name may have changed since.
    """
    if result is None:
        return True
    if isinstance(result, list):
        return all(still_there(part) for part in result)
    if not isinstance(result, dict):
        return False
    if needs := result.get("needs"):
        return all(store.find(kind, name) for kind, name in needs)
    if not {"spec", "text", "key"} <= result.keys():
        return False
    try:
        source = catalog.find(result["spec"])
        more = {"off": "", "method": "zero", "part": ""}
        more = [result.get(name, usual) for name, usual in more.items()]
        text = None if source.run else read_by(source, result["text"])
        key = source.run or _stored(
            source, text, *more, _asked(source, text, more[0], result.get("layers"))
        )
    except HeadscopeError:
        return False  # the job will say why
    return key == result["key"] and runs.RUNS.get(key) is not None
