"""Text in a cell of a CSV file: none that a spreadsheet would take for a formula and run.

A spreadsheet that opens a CSV file runs what looks like a formula, such as ``=HYPERLINK(…)``. An
apostrophe before it makes it text. That can be undone exactly: `plain`.
"""

import re

_FORMULA = re.compile(
    r"""[\s'"`‘’‚“”„´\x00-\x20\u200b-\u200f\u2060\ufeff]*  # what a spreadsheet may leave out
    [-=+@＝＋－＠−﹣﹢﹦﹫]""",
    re.VERBOSE,
)
_LEADING_CONTROL = re.compile(r"""[ '"`]*[\t\r\n\x00]""")


def defused(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs: with an apostrophe before a formula.

    A formula begins with = + - @ or their full-width forms, also after spaces and quotes; what
    begins with a tab or the end of a line is treated alike.
    """
    return f"'{text}" if _runs(text) else text


def plain(cell: str) -> str:
    """Return the text that `defused` made a cell of."""
    return cell[1:] if cell.startswith("'") and _runs(cell[1:]) else cell


def _runs(text: str) -> bool:
    return bool(_FORMULA.match(text) or _LEADING_CONTROL.match(text))
