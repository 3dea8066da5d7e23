"""What stands beside a head's title: a star, and a note that opens under it."""

from dash import html

from compute import limits


def buttons(side: str) -> html.Span:
    """Return the star and the button that opens the note; assets/notes/notes.js keeps them up."""
    data = {"data-side": side}
    star = html.Button("☆", id=f"head-star{side}", className="head-star", title="Star", **data)
    note = html.Button(
        "Note",
        id=f"head-note-open{side}",
        className="head-note-open",
        **data,
        **{"aria-expanded": "false", "aria-controls": f"head-note-box{side}"},
    )
    return html.Span([star, note], className="head-marks", id=f"head-marks{side}")


def note(side: str) -> html.Div:
    """Return the field of the note: plain text, kept when one leaves the field."""
    label = html.Label("Note on this head", htmlFor=f"head-note{side}", className="visually-hidden")
    field = html.Textarea(
        id=f"head-note{side}",
        className="form-control form-control-sm head-note",
        rows=2,
        maxLength=limits.NOTE,
        placeholder="What does this head do? Kept on this machine when you leave the field.",
        **{"data-side": side},
    )
    return html.Div(
        [label, field], id=f"head-note-box{side}", className="head-note-box", hidden=True
    )
