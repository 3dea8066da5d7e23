"""A computation in the background: what starts it, the bar that shows it, the store of its result.

Heavy work runs in processes of its own (`compute.jobs.manager`). What it returns is kept on the
disk, and is believed again only while all that it stands for is in the store: so the form of a
result must list that, as ``needs``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from components.forms.fields import Record, few
from components.forms.form import Form
from components.parts.controls import button
from compute.store import Stored


@dataclass(frozen=True)
class Job:
    """A computation whose result stays on the page.

    Attributes
    ----------
    name : str
        The id of the store of its result.
    work : callable
        At the level of its module, for another process finds it by its name: takes
        ``set_progress`` and the values of what starts it, returns the result or None.
    result : type
        The form of the result: a `Record` with ``needs``, or one `of_a_run`.
    asked : Form, optional
        The form of the store that starts it, which is then one of its own.
    by : str
        The id of that store; the name with ``-asked`` by default.
    inputs : tuple of Input or State
        What starts it and what it is told, where that is no store of its own.
    clicks : tuple of int
        Which of these are clicks: they start it, and ask for nothing that was not asked before.
    bar : str
        The name of the bar that shows it; its own by default.
    frame : str
        The id of a store that is told what there is to see meanwhile.
    shared : bool
        Whether others read the result too: then its store is on the page before what it belongs to.
    late : bool
        Whether what it belongs to makes its stores itself, later.
    most : int
        With more than 1 the result is a list of at most so many.
    """

    name: str
    work: Callable
    result: type[Record]
    asked: Form | None = None
    by: str = ""
    inputs: tuple[Input | State, ...] = ()
    clicks: tuple[int, ...] = ()
    bar: str = ""
    frame: str = ""
    shared: bool = False
    late: bool = False
    most: int = 1

    def __post_init__(self):
        if not {"needs", "key"} & self.result.model_fields.keys():
            raise TypeError(f"The result of {self.name} doesn't say what it stands for: `needs`.")
        if (self.asked is None) == (not self.inputs):
            raise TypeError(f"{self.name} is started by a store of its own, or by `inputs`.")

    @property
    def started_by(self) -> str:
        """The id of its own store that starts it."""
        return self.by or f"{self.name}-asked"

    def stores(self) -> list[dcc.Store]:
        """Return the stores that are made with what it belongs to."""
        own = [self.started_by] if self.asked else []
        kept = [] if self.shared else [self.name]
        return [dcc.Store(id=id) for id in (*own, *kept, f"{self.name}-result")]

    def forms(self) -> dict[str, Form]:
        """Return the forms of its stores, by their ids."""
        own = {self.started_by: self.asked} if self.asked else {}
        result = few(self.result, self.most) if self.most > 1 else self.result
        return own | {self.name: Form(result | None)}

    def register(self, app: Dash) -> None:
        """Wire it to the page.

        Dash holds back every callback that depends on an output of a running one, for as long as
        it runs. So the result goes to a store of its own, and from there by a step that Dash does
        not see as a dependency: the page stays alive meanwhile.
        """
        bar, frame = self.bar or self.name, bool(self.frame)
        app.callback(
            Output(f"{self.name}-result", "data"),
            *(self.inputs or (Input(self.started_by, "data"),)),
            background=True,
            interval=150,
            prevent_initial_call=True,
            cache_args_to_ignore=list(self.clicks),
            cancel=[Input(f"{bar}-cancel", "n_clicks")],
            progress=[
                Output(f"{bar}-progress", "value"),
                Output(f"{bar}-progress-text", "children"),
                *([Output(self.frame, "data")] if frame else []),
            ],
            progress_default=[0, "Starting …", *([None] if frame else [])],
            running=[(Output(f"{bar}-job", "hidden"), False, True)],
        )(self.work)
        app.clientside_callback(
            f"""(data) => {{
                if (data) window.dash_clientside.set_props({self.name!r}, {{data}});
            }}""",
            Input(f"{self.name}-result", "data"),
        )


def job_bar(name: str, extra: str = "") -> html.Div:
    """Return the strip that shows a running job: a bar, a sentence, a cancel button."""
    return html.Div(
        [
            html.Progress(
                id=f"{name}-progress",
                value=0,
                max=100,
                className="bar",
                **{"aria-labelledby": f"{name}-progress-text"},
            ),
            html.Span("Starting …", id=f"{name}-progress-text", role="status"),
            button("Cancel", f"{name}-cancel"),
        ],
        id=f"{name}-job",
        className=f"job {extra}",
        hidden=True,
    )


def is_of(done: dict | None, run: dict | None) -> bool:
    """Tell whether what a job has made is of the open run: by its ``run``, or else its ``spec``."""
    if not done or not run:
        return False
    return done["run"] == run["key"] if "run" in done else done["spec"] == run["spec"]


def kept(store: Stored, done: dict | None, run: dict | None) -> Any:
    """Return from the store what a job has ``name``d; None if it isn't of the open run, or gone."""
    return store.get(done["name"]) if is_of(done, run) else None
