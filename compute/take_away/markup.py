"""HTML and SVG written by functions; every text is escaped unless it is markup already."""

import html


class Markup(str):
    """Text that is HTML or SVG already."""

    __slots__ = ()


VOID = frozenset({"meta", "br"})


def text(value: object) -> Markup:
    """Return a value as markup: markup as it is, anything else escaped."""
    return value if isinstance(value, Markup) else Markup(html.escape(f"{value}"))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """Return an element.

    Parameters
    ----------
    *children
        Markup, or values that become escaped text.
    **attributes
        ``class_`` stands for ``class``, ``_`` in names for ``-``; None leaves one out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(text(child) for child in children)
    end = "" if name in VOID else f"</{name}>"
    return Markup(f"<{name}{written}>{inner}{end}")


def join(parts) -> Markup:
    """Return several pieces of markup or text in a row."""
    return Markup("".join(text(part) for part in parts))


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else f"{value}"


def table(columns: tuple[str, ...], rows: list[tuple], caption: str) -> Markup:
    """Return a table whose rows begin with their titles."""
    head = tag("tr", *(tag("th", column, scope="col") for column in columns))
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(tag("td", value, class_="number") for value in row[1:]),
        )
        for row in rows
    ]
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", table, class_="wide", tabindex=0)  # it may have to be scrolled
