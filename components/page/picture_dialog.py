"""One's own pictures: the dialog that takes files, or a folder of this machine, and keeps them."""

from pathlib import Path

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from components.forms.fields import few, line, text
from components.forms.form import Form
from components.forms.typed import files
from components.gate import limits as gate
from components.parts.controls import dialog, field
from components.parts.errors import show_problem, show_warning
from components.parts.part import Field, Part
from components.shown import typed
from compute import limits, pictures, store
from compute.errors import HeadscopeError

PROMPT = "or drop pictures here, or click to choose some"


def picture_dialog() -> dbc.Modal:
    """Ask for a folder or files of this machine, or for pictures that the browser sends."""
    upload = dcc.Upload(
        PROMPT,
        id="picture-files",
        className="drop",
        accept="image/png,image/jpeg,image/webp,image/bmp,image/gif",
        multiple=True,
        max_size=gate.FILE_BYTES,
    )
    parts = [
        field("Folder or file on this machine", "picture-folder", "~/photos", size=None),
        html.Label(upload, className="d-block", **{"data-most": gate.FILE_BYTES}),
        html.P(
            f"PNG, JPEG, WebP, BMP or GIF; at most {pictures.MOST:,}. What is dropped here may "
            f"have {gate.FILE_BYTES / 1e6:.0f} MB in all; a folder is read from the disk. The "
            "model's own image processor resizes and cuts each. They stay on this machine.",
            className="note",
        ),
    ]
    return dialog("picture-dialog", "Your own pictures", parts, ("picture-use", "Use these"))


def use_pictures(
    n_clicks: int, folder: str | None, contents: list | None, names: list | None, options: list
):
    """Keep the user's own pictures and choose them; the request follows from the choice."""
    if not n_clicks:
        raise PreventUpdate
    try:
        if contents:
            if len(names or ()) != len(contents):
                raise HeadscopeError("The pictures came without their names. Choose them again.")
            given = ((name, typed.file(each)) for name, each in zip(names, contents, strict=True))
            name = pictures.keep(given)
        else:
            name = _of_disk(folder or "")
        found = pictures.load(name)
    except HeadscopeError as problem:
        show_problem(str(problem))
        return (no_update,) * 4
    if sentence := store.usage().trouble:
        show_warning(sentence)
    kept = [o for o in options if o["value"] not in (name, "own")]
    count = len(found.labels)
    label = f"{found.title} ({count:,} {'picture' if count == 1 else 'pictures'})"
    return [*kept, {"value": name, "label": label}, options[-1]], name, False, None


def _of_disk(said: str) -> str:
    """Keep what a path leads to; `~` is one's own folder."""
    said = said.strip().strip("\"'")
    if not said:
        raise HeadscopeError("Type the folder of the pictures first, or drop some files.")
    try:
        path = Path(said).expanduser()
        there = path.exists()
    except (OSError, RuntimeError, ValueError):
        there = False
    if not there:
        raise HeadscopeError(f"There is no folder or file {said[:80]}. Check the spelling.")
    return pictures.keep(pictures.of_paths([path]), path.name or "Your pictures")


def show_files(names: list | None) -> str:
    """Say which files were chosen."""
    if not names:
        return PROMPT
    return f"{names[0]}" + (f" and {len(names) - 1:,} more" if len(names) > 1 else "")


def register(app: Dash) -> None:
    """Wire it to the page."""
    app.callback(
        Output("text-select", "options", allow_duplicate=True),
        Output("text-select", "value", allow_duplicate=True),
        Output("picture-dialog", "is_open"),
        Output("picture-files", "contents"),
        Input("picture-use", "n_clicks"),
        State("picture-folder", "value"),
        State("picture-files", "contents"),
        State("picture-files", "filename"),
        State("text-select", "options"),
    )(use_pictures)
    app.callback(Output("picture-files", "children"), Input("picture-files", "filename"))(
        show_files
    )


PART = Part(
    register,
    fields=(
        Field("picture-folder", Form(line(limits.MODEL) | None, "Type one path.")),
        Field(
            "picture-files",
            files("These pictures", gate.FILE_BYTES, pictures.MOST),
            prop="contents",
        ),
        Field("picture-files", Form(few(text(300), pictures.MOST) | None), prop="filename"),
    ),
)
