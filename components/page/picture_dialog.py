"""One's own pictures: the dialog that takes files, or a folder of this machine, and keeps them."""

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from components.forms.fields import Flag, Needs, Record, Spec, few, line, text
from components.forms.form import Form
from components.forms.typed import files
from components.gate import limits as gate
from components.parts.controls import dialog, field
from components.parts.errors import show_problem, show_warning
from components.parts.jobs import Job, job_bar
from components.parts.part import Field, Part
from components.shown import typed
from compute import limits, pictures, store
from compute.errors import HeadscopeError
from compute.jobs import keeping

PROMPT = "or drop pictures here, or click to choose some"


MB = f"{gate.FILE_BYTES / 1e6:.0f} MB"
OTHERWISE = f"Choose fewer, of {MB} in all, or type the folder that they are in."
"""What to do with more than a request may hold; assets/page/refused.js says it."""


class Kept(Record):
    """A set of pictures that a job has kept."""

    name: Spec
    needs: Needs


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
    most = {"data-most": gate.FILE_BYTES, "data-otherwise": OTHERWISE}
    parts = [
        field("Folder or file on this machine", "picture-folder", "~/photos", size=None),
        html.Label(upload, className="d-block", **most),
        html.P(
            f"PNG, JPEG, WebP, BMP or GIF; at most {pictures.MOST:,}, each of at most "
            f"{limits.PICTURE_BYTES // 2**20} MiB and {limits.PICTURE_PIXELS // 10**6} million "
            f"pixels. What is dropped here may have {MB} in all; a folder is read from the disk. "
            "The model's own image processor resizes and cuts each. They stay on this machine.",
            className="note",
        ),
        job_bar("pictures-kept"),
    ]
    return dialog("picture-dialog", "Your own pictures", parts, ("picture-use", "Use these"))


def use_pictures(
    n_clicks: int, folder: str | None, contents: list | None, names: list | None, options: list
):
    """Keep the pictures that the browser sent and choose them; a folder is left to the job.

    Returns
    -------
    options, name, is_open, contents, asked
        The request follows from the name that is chosen.
    """
    if not n_clicks:
        raise PreventUpdate
    try:
        if not contents:
            keeping.path_of(folder or "")  # told at once
            return *(no_update,) * 4, folder
        if len(names or ()) != len(contents):
            raise HeadscopeError("The pictures came without their names. Choose them again.")
        given = ((name, typed.file(each)) for name, each in zip(names, contents, strict=True))
        name = pictures.keep(given)
        options = _offered(options, name)
    except HeadscopeError as problem:
        show_problem(str(problem))
        return (no_update,) * 5
    return options, name, False, None, no_update


def keep_folder(set_progress, folder: str | None) -> dict | None:
    """Background job: read, check and keep the pictures of a folder."""
    return None if folder is None else keeping.keep_pictures(folder, set_progress)


def use_kept(kept: dict | None, is_open: bool, options: list):
    """Choose the set that the job has kept; only offer it, if the dialog was closed meanwhile."""
    if not kept:
        raise PreventUpdate
    options = _offered(options, kept["name"])
    return (options, kept["name"], False) if is_open else (options, no_update, no_update)


def _offered(options: list, name: str) -> list:
    """Return the texts to choose from with a kept set among them."""
    found = pictures.load(name)
    if sentence := store.usage().trouble:
        show_warning(sentence)
    count = len(found.labels)
    label = f"{found.title} ({count:,} {'picture' if count == 1 else 'pictures'})"
    before = [o for o in options if o["value"] not in (name, "own")]
    return [*before, {"value": name, "label": label}, options[-1]]


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
        Output("pictures-kept-asked", "data"),
        Input("picture-use", "n_clicks"),
        State("picture-folder", "value"),
        State("picture-files", "contents"),
        State("picture-files", "filename"),
        State("text-select", "options"),
    )(use_pictures)
    app.callback(
        Output("text-select", "options", allow_duplicate=True),
        Output("text-select", "value", allow_duplicate=True),
        Output("picture-dialog", "is_open", allow_duplicate=True),
        Input("pictures-kept", "data"),
        State("picture-dialog", "is_open"),
        State("text-select", "options"),
    )(use_kept)
    app.callback(Output("picture-files", "children"), Input("picture-files", "filename"))(
        show_files
    )


FOLDER = Form(line(limits.MODEL) | None, "Type one path.")
PART = Part(
    register,
    jobs=(Job("pictures-kept", keep_folder, Kept, FOLDER),),
    fields=(
        Field("picture-folder", FOLDER),
        Field("picture-dialog", Form(Flag | None), prop="is_open"),
        Field(
            "picture-files",
            files("These pictures", gate.FILE_BYTES, pictures.MOST),
            prop="contents",
        ),
        Field("picture-files", Form(few(text(300), pictures.MOST) | None), prop="filename"),
    ),
)
