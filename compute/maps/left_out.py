"""What a map leaves out where attention is more than q·k: said wherever the map is shown."""

from compute.maps.projection import METHODS
from compute.models.model import ModelInfo

_ADDS = "This model adds to q·k what depends on the tokens and on how far apart they are"


def left_out(model: ModelInfo, method: str) -> str:
    """Return what a map by a method shows of a model whose attention is more than q·k.

    Parameters
    ----------
    model : ModelInfo
    method : str
        Key of `projection.METHODS`.

    Returns
    -------
    str
        A sentence or two; empty for a model that adds nothing of the kind.
    """
    if not model.adds:
        return ""
    if METHODS[method].sees_attention:
        return (
            f"{_ADDS}. Inside a passage this map is fitted to all of it, between passages to q·k "
            "alone; the heatmap shows all of it."
        )
    return f"{_ADDS}: this map shows q·k alone, the heatmap all of it."
