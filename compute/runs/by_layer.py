"""Arrays of which only some layers are kept, indexed by the layer's own number."""

from collections.abc import Mapping
from operator import index as whole_number

import numpy as np

from compute.errors import HeadscopeError
from compute.machine import chosen_layers


class ByLayer:
    """Layers of one array or several as if they were one of all layers; see `store.OnDisk`.

    Parameters
    ----------
    layers : int
        How many the model has.
    parts : mapping of int to (array, int)
        By the number of a layer: the array that has it, and where in there.
    """

    def __init__(self, layers: int, parts: Mapping[int, tuple]):
        self._parts = dict(parts)
        array, _ = next(iter(self._parts.values()))
        self.shape, self.dtype = (layers, *array.shape[1:]), array.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: object) -> np.ndarray:
        """Return what a layer has; `HeadscopeError` if it is not kept."""
        layer, *rest = index if isinstance(index, tuple) else (index,)
        if (layer := whole_number(layer)) not in self._parts:
            kept = chosen_layers.words(self._parts)
            raise HeadscopeError(f"Layer {layer} is not stored: only {kept} are.")
        array, number = self._parts[layer]
        return array[(number, *rest)] if rest else array[number]


def of(array: object, held: tuple[int, ...] | None, layers: int) -> object:
    """Return an array of the layers that are held as one of all; as it is where all are."""
    if held is None or array is None:
        return array
    return ByLayer(layers, {layer: (array, number) for number, layer in enumerate(held)})


def joined(pieces: list[tuple], layers: int) -> ByLayer | None:
    """Return arrays (array, held) of several layers each as one; None where one has none."""
    if any(array is None for array, _ in pieces):
        return None
    return ByLayer(layers, {layer: (array, layer) for array, held in pieces for layer in held})
