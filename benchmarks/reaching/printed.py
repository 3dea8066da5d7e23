"""The table as people read it: a line a case, or markdown: the exact families, others by reason."""

import re
from collections.abc import Iterable

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
    """Return what becomes of the families: the exact ones in a line, the others by reason."""
    exact = [row for row in rows if row.outcome == "exact" and not is_fault(row)]
    worst = max((row.difference or 0 for row in exact), default=0)
    lines = [f"**Exact**, {worst:.0e} at most ({len(_names(exact))}): {', '.join(_names(exact))}."]
    lines += ["", "| families | what becomes of them |", "|---|---|"]
    others = [row for row in rows if row not in exact]
    for reason in dict.fromkeys(map(_reason, others)):
        lines.append(
            f"| {', '.join(_names(r for r in others if _reason(r) == reason))} | {reason} |"
        )
    return "\n".join(lines)


def _names(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.case.name for row in rows))


def _reason(row: Row) -> str:
    """Return how a row ends, without the name of its family."""
    names = {row.case.name, row.case.name.replace(" ", "-"), row.case.family}
    why = row.why
    for name in sorted(names, key=len, reverse=True):
        why = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "…", why)
    more = [_named("head off", row.ablation, "as by hand", "works")]
    more.append(_named("induction", row.induction, "works"))
    return "; ".join(part for part in (f"{row.outcome}: {why}".rstrip(": "), *more) if part)


def _named(name: str, value: str, *usual: str) -> str:
    return f"{name}: {value}" if value and value not in usual else ""
