"""What changes when heads are taken out: losses, and the scores of all other heads.

`measure` runs a model (and imports torch then); all else here is light, for the web process.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from compute import store
from compute.lab import induction
from compute.progress import Progress, unseen
from compute.scores.intervals import Effect, Estimate
from compute.trials import head_ablation
from compute.trials.head_ablation import Heads, Wanted

if TYPE_CHECKING:
    from compute.models.model import Model
    from compute.texts import Text

VERSION = 1
DEFAULTS = {"method": "zero", "design": "standard", "trials": 50, "length": None, "seed": 0}

LOSSES = {
    "repeated": "Loss on repeated tokens: the masked token, or all of the later copies but the "
    "first token. In nats.",
    "text": "Loss on the text: every next token, or one masked token of seven. In nats.",
}
NO_HEAD = (
    "{name} has no head that predicts tokens, so there is no loss to measure: only the other "
    "heads' scores are compared."
)


class Change(NamedTuple):
    """A score of all heads without and with ablation.

    Attributes
    ----------
    before, after : float64 (layers, heads)
    change : Estimate of float64 (layers, heads)
        ``after - before``, with its interval over trials, paired.
    """

    before: np.ndarray
    after: np.ndarray
    change: Estimate


@dataclass(frozen=True)
class Ablation:
    """What changed when heads were taken out.

    Attributes
    ----------
    method : str
        ``zero`` or ``mean``.
    losses : dict of str to Effect
        Of `LOSSES`, those that were measured.
    controls : Heads
        Heads that do not matter, as many as could be found; see `controls.choose`.
    control_losses : dict of str to Effect
        What taking out the controls instead does.
    scores : dict of str to Change
        Per read-out of `readouts.READOUTS`.
    text : str
        Title of the text; empty if none was read.
    notes : tuple of str
        Sentences for the page.
    """

    heads: Heads
    method: str
    losses: dict[str, Effect]
    controls: Heads
    control_losses: dict[str, Effect]
    scores: dict[str, Change]
    design: str
    trials: int
    length: int
    seed: int
    text: str
    notes: tuple[str, ...]


def key(identity: str, heads: Wanted, digest: str | None, options: Mapping[str, object]) -> str:
    """Return an ablation's name in the store.

    Parameters
    ----------
    identity : str
        `ModelInfo.identity`.
    heads : iterable of (layer, head)
        None for all heads of a layer.
    digest : str or None
        `Text.digest`; None without a text.
    options : mapping
        Arguments of `measure`; those left out are at their defaults.
    """
    named = sorted({(int(layer), -1 if head is None else int(head)) for layer, head in heads})
    return store.key("ablations", VERSION, identity, named, digest, DEFAULTS | dict(options))


ABLATIONS = store.record("ablations", Ablation)


def measure(
    model: "Model",
    heads: Wanted,
    text: "Text | None" = None,
    *,
    method: str = "zero",
    design: str = "standard",
    trials: int = 50,
    length: int | None = None,
    seed: int = 0,
    progress: Progress = unseen,
) -> Ablation:
    """Take heads out of a model and compare.

    Parameters
    ----------
    heads : iterable of (layer, head)
        None for all heads of a layer.
    text : Text, optional
        The user's text, for the loss on it.
    method : str
        ``zero``: their output becomes 0. ``mean``: it becomes its mean over the same places of
        sequences in which no token comes twice (on the text: over all places).
    design : str
        ``standard``, ``triple`` (masked models) or ``four`` (causal ones), corrected protocol.
    trials, length, seed
        See `induction.measure`.
    progress : Progress, in steps

    Raises
    ------
    HeadscopeError
        If the model has no such head, or for what `planned.plan` refuses.
    """
    from compute.lab import ablation_setup, controls, losses

    info, heads = model.info, list(heads)
    chosen = head_ablation.checked(heads, info)
    settings = dict(method=method, design=design, trials=trials, length=length, seed=seed)
    bench = ablation_setup.prepare(model, **settings)
    notes = list(bench.notes)
    total = 3 + len(LOSSES)
    step = _steps(progress, total)
    before = bench.scores(())
    step()
    after = bench.scores(chosen)
    step()
    found, control, control_found = {}, (), {}
    title = ""
    if losses.predicts(model):
        control, note = controls.choose(model, chosen, bench.main_score(before), settings)
        notes += [note]
        step()
        kinds: dict[str, Callable[[Heads], np.ndarray]] = {"repeated": bench.repeated}
        if text is not None:
            tokens, cuts = ablation_setup.tokens(model, text)
            notes += cuts
            kinds["text"] = lambda some: bench.of_text(tokens, some)
            title = text.title
        for name, loss in kinds.items():
            plain = loss(())
            found[name] = ablation_setup.effect(plain, loss(chosen))
            if control:
                control_found[name] = ablation_setup.effect(plain, loss(control))
            step()
    else:
        notes += [NO_HEAD.format(name=info.name)]
    progress(total, total)
    return Ablation(
        heads=chosen,
        method=method,
        losses=found,
        controls=control,
        control_losses=control_found,
        scores=_changes(before, after, bench.trials.rows, info.causal),
        design=design,
        trials=trials,
        length=bench.length,
        seed=seed,
        text=title,
        notes=tuple(notes),
    )


def _changes(
    before: np.ndarray, after: np.ndarray, rows: tuple[str, ...], causal: bool
) -> dict[str, Change]:
    from compute.lab.ablation_setup import mean

    plain, without = (induction.arrange(mean(s), rows, causal)[0] for s in (before, after))
    paired, _ = induction.summarise(after - before, rows, causal)
    return {name: Change(plain[name], without[name], paired[name]) for name in paired}


def _steps(progress: Progress, total: int) -> Callable[[], None]:
    done = itertools.count(1)
    return lambda: progress(next(done), total)
