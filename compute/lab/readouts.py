"""What the lab reads in random tokens that come again.

Adding a read-out is one entry in `READOUTS`, and the rows it reads in `trials.designs` if they are
new.
"""

from collections.abc import Iterable
from dataclasses import dataclass

INDUCTION = "Induction on random repeats"


@dataclass(frozen=True)
class Readout:
    """Where the attention of a head is read.

    Attributes
    ----------
    name : str
        Key of `READOUTS`.
    title : str
        For the page.
    definition : str
        A sentence: from which token to which.
    row_masked, row_causal : str or None
        The row of `designs.Trials` that holds it in masked and in causal models; None where it is
        not read.
    """

    name: str
    title: str
    definition: str
    row_masked: str | None = None
    row_causal: str | None = None

    @property
    def full(self) -> str:
        """Its title in the lab; the read-out that makes an induction head has the score's name."""
        is_main = self.name in map(main_readout, (False, True))
        return f"{INDUCTION} ({self.title.lower()})" if is_main else self.title

    @property
    def beside_text(self) -> str:
        """Its title beside scores on a text, some of which have the same one."""
        main = self.full != self.title
        return f"{INDUCTION} (Lab)" if main else f"{self.title} on random repeats"

    def row(self, causal: bool) -> str | None:
        """Return the row of a kind of model."""
        return self.row_causal if causal else self.row_masked


_ALL = (
    Readout(
        "retrieval",
        "Retrieval",
        "Attention from the masked token to its own earlier instance.",
        row_masked="earlier+0",
    ),
    Readout(
        "before",
        "Before",
        "Attention from the masked token to the token before its earlier instance.",
        row_masked="earlier-1",
    ),
    Readout(
        "after",
        "After",
        "Attention from the masked token to the token after its earlier instance.",
        row_masked="earlier+1",
    ),
    Readout(
        "later",
        "Later instance",
        "Attention from the masked token to its own later instance.",
        row_masked="later+0",
    ),
    Readout(
        "after_left",
        "After the left neighbour",
        "Attention from the masked token to what follows its left neighbour's earlier instance.",
        row_masked="after_left",
    ),
    Readout(
        "before_right",
        "Before the right neighbour",
        "Attention from the masked token to what precedes its right neighbour's earlier instance.",
        row_masked="before_right",
    ),
    Readout(
        "prefix_matching",
        "Prefix matching",
        "Attention from a repeated token to the token after its earlier instance.",
        row_causal="earlier+1",
    ),
    Readout(
        "duplicate",
        "Duplicate token",
        "Attention from a repeated token to its earlier instance.",
        row_causal="earlier+0",
    ),
    Readout(
        "previous",
        "Previous token",
        "Attention to the token just before, from the same random tokens as the others, those "
        "of later copies. On your text (the grid) early tokens count too, where a head may look "
        "back more surely: so the two numbers can differ.",
        row_masked="previous",
        row_causal="previous",
    ),
    Readout(
        "next",
        "Next token",
        "Attention from the masked token to the token just after.",
        row_masked="next",
    ),
)
READOUTS: dict[str, Readout] = {readout.name: readout for readout in _ALL}


def main_readout(causal: bool) -> str:
    """Return the read-out that makes an induction head: prefix matching, or retrieval."""
    return "prefix_matching" if causal else "retrieval"


def main_of(names: Iterable[str]) -> str:
    """Return the main read-out of those that were read, or the first where the design has none."""
    read = list(names)
    return next((main for main in map(main_readout, (False, True)) if main in read), read[0])
