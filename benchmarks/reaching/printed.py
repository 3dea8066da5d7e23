"""The table as people read it: a line a case, or markdown with a row a family."""

from itertools import groupby

from reaching.table import Row, is_fault


def line(row: Row) -> str:
    """Return a case in a line."""
    number = "" if row.difference is None else f"{row.difference:.1e}"
    mark = "!" if is_fault(row) else " "
    rest = [row.shape, row.why, _named("ablation", row.ablation, "as by hand", "works")]
    rest.append(_named("induction", row.induction, "works"))
    end = " · ".join(part for part in rest if part)
    return f"{mark} {row.case.name:<28}{row.case.task:<9}{row.outcome:<10}{number:<9}{end}"


def markdown(rows: list[Row]) -> str:
    """Return a table with a row a family; tasks that end alike stand together."""
    lines = ["| family | task | attention | head off | induction |", "|---|---|---|---|---|"]
    for (family, *_), some in groupby(rows, key=_alike):
        same = list(some)
        worst = max((row.difference or 0 for row in same), default=0)
        told = f"exact, {worst:.0e}" if same[0].outcome == "exact" else same[0].outcome
        if same[0].why:
            told += f": {same[0].why}"
        tasks = ", ".join(row.case.task for row in same)
        lines.append(f"| {family} | {tasks} | {told} | {same[0].ablation} | {same[0].induction} |")
    return "\n".join(lines)


def _alike(row: Row) -> tuple:
    return row.case.name, row.outcome, row.why, row.ablation, row.induction


def _named(name: str, value: str, *usual: str) -> str:
    return f"{name}: {value}" if value and value not in usual else ""
