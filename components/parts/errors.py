"""How problems reach the page: every failing callback, background jobs included, ends here."""

from dash import set_props

from compute.jobs.manager import message_of

CANCELLED = "Cancelled."


def show_error(error: Exception) -> None:
    """Tell the person what happened; `Dash(on_error=...)`."""
    show_problem(message_of(error))


def show_problem(sentence: str) -> None:
    """Open the toast with a sentence."""
    set_props("error-toast", toast(sentence))


def show_warning(sentence: str) -> None:
    """Open the toast with what a person should know although nothing failed."""
    set_props("error-toast", toast(sentence) | {"header": "Please note"})


def toast(sentence: str) -> dict[str, object]:
    """Return the properties of the toast that says a sentence."""
    cancelled = sentence.startswith(CANCELLED)
    return {
        "is_open": True,
        "children": "Nothing was changed." if cancelled else sentence,
        "header": "Cancelled" if cancelled else "That did not work",
        "class_name": "toast-corner" if cancelled else "toast-corner failed",
        "duration": 4000 if cancelled else None,
    }
