"""Callbacks that functions of the scripts in assets/ answer."""

from collections.abc import Callable

from dash import ClientsideFunction, Dash


def in_browser(app: Dash) -> Callable[..., None]:
    """Return what wires a function of ``window.headscope.callbacks``: name, outputs, inputs."""

    def wire(name: str, *places: object, **options: object) -> None:
        app.clientside_callback(ClientsideFunction("headscope", name), *places, **options)

    return wire
