"""What a part of the page says of itself: its jobs, its controls, its stores, its wiring.

A stage is a part that the workspace can show; `components.page.stages` lists them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dash import Dash, dcc
from dash.development.base_component import Component

from components.forms.form import Form
from components.parts import save_table
from components.parts.jobs import Job
from components.parts.save_table import SavedTable


@dataclass(frozen=True)
class Field:
    """A control whose value the server reads, or the address keeps.

    Attributes
    ----------
    id : str
    form : Form, optional
        What its value must look like; None if only the browser reads it.
    address : str
        Its name in the address; empty for one that is not kept there.
    kind : str
        How the address writes it: ``text``, of a selector one of its options; ``place``, a layer or
        head, and ``free``, whose options come with the open model; ``part``, one of an
        encoder–decoder; ``flag``, written as 1 or left out;
        ``models``, names that may be opened from an address only if the person agrees;
        ``list``, the same of several in a selector.
    prop : str
    late : bool
        Left out of the address until two heads are compared.
    usual : str
        The value that the address leaves out.
    """

    id: str
    form: Form | None = None
    address: str = ""
    kind: str = "text"
    prop: str = "value"
    late: bool = False
    usual: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the page.

    Attributes
    ----------
    register : callable
        Registers its callbacks with an app; its jobs are registered beside that.
    jobs : tuple of Job
    fields : tuple of Field
        Its controls.
    stores : mapping of str to Form
        Its further stores that the server reads, by their ids.
    late : mapping of str to Form
        Such stores that it makes itself, later.
    tables : tuple of SavedTable
        What can be saved of it.
    """

    register: Callable[[Dash], None] = lambda app: None
    jobs: tuple[Job, ...] = ()
    fields: tuple[Field, ...] = ()
    stores: Mapping[str, Form] = field(default_factory=dict)
    late: Mapping[str, Form] = field(default_factory=dict)
    tables: tuple[SavedTable, ...] = ()

    def made(self) -> list[dcc.Store]:
        """Return all its stores."""
        of_jobs = [store for job in self.jobs if not job.late for store in job.stores()]
        return [*of_jobs, *(dcc.Store(id=id) for id in self.stores)]


@dataclass(frozen=True, kw_only=True)
class Stage(Part):
    """A part that the workspace can show.

    Attributes
    ----------
    name : str
        In ids and in the address, where its fields' names begin with it.
    title : str
        For the selector of stages.
    build : callable
        Returns its content, which is made when it is first shown.
    """

    name: str
    title: str
    build: Callable[[], Component]

    def content(self) -> list[Component]:
        """Return what it shows, and its stores."""
        saved = [save_table.download(self.name)] if self.tables else []
        return [dcc.Store(id=f"{self.name}-address"), *self.made(), *saved, self.build()]
