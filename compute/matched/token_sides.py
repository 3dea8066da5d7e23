"""Which token of one run is which in another, role by role, also across an encoder–decoder.

The encoder reads the source and the decoder the target. In cross-attention queries are of the
target and keys of the source: so a token of the encoder, which is a query and a key there, is a key
in the cross-attention, and one of the decoder a query.
"""

from dataclasses import dataclass, replace

import numpy as np

from compute.errors import HeadscopeError
from compute.matched.token_alignment import counterparts, match_tokens, of_keys
from compute.runs import Run

OTHER = {"query": "key", "key": "query"}
"""The two roles of a token, each with the other one."""
_READS = {"decoder": ("target", "target"), "cross": ("target", "source")}


@dataclass(frozen=True)
class Way:
    """Where tokens of a role are in the other run.

    Attributes
    ----------
    role : str
        Which they have there: ``query`` or ``key``.
    tokens : int64 (n,)
        The first token of each one's unit there, or -1.
    """

    role: str
    tokens: np.ndarray


def ways(a: Run, b: Run) -> tuple[dict[str, Way], dict[str, Way]]:
    """Return where the tokens of each role of two runs are in the other, by role.

    A role is left out where the other run has no tokens of its text, or other content. Where both
    roles there are of the text, tokens keep theirs.
    """
    reads = [_reads(run) for run in (a, b)]
    found: tuple[dict[str, Way], dict[str, Way]] = {}, {}
    for text in ("source", "target"):
        if not all(text in read.values() for read in reads):
            continue
        try:
            both = counterparts(match_tokens(*(_only(run, text) for run in (a, b))))
        except HeadscopeError:
            continue
        for own, here, there, tokens in zip(found, reads, reads[::-1], both, strict=True):
            for role in (role for role, read in here.items() if read == text):
                own[role] = Way(role if there[role] == text else OTHER[role], tokens)
    return found


def _reads(run: Run) -> dict[str, str]:
    """Return of which text the tokens of each role are."""
    return dict(zip(OTHER, _READS.get(run.model.part, ("source", "source")), strict=True))


def _only(run: Run, text: str) -> Run:
    """Return a run whose only tokens are those of a text that it reads."""
    tokens = run.tokens if _reads(run)["query"] == text else of_keys(run).tokens
    return replace(run, tokens=tokens, source=None)
