"""What else attention depends on besides q and k: masks, scaling, caps, sinks, biases of a model.

They are taken from the calls of real passes, and it is verified that they depend on nothing but the
positions, so that one matrix for the longest passage serves all.
"""

from typing import Any

import numpy as np
import torch

from compute.errors import HeadscopeError
from compute.models.capture import Call
from compute.models.probe import BLOCKED


class Rules:
    """Collects the rules of all layers, batch by batch; the longest passage must come first.

    Parameters
    ----------
    name : str
        The model's name, for errors.
    """

    def __init__(self, name: str):
        self._name = name
        self._patterns: list[np.ndarray] = []
        self._of_layer: list[int] = []
        self._scaling: list[float] = []
        self._softcap: list[float | None] = []
        self._sinks: list[np.ndarray | None] = []
        self._bias: list[np.ndarray | None] = []
        self._lengths = np.zeros(0, dtype=np.int64)
        self._checked: dict[int, tuple[torch.Tensor, int]] = {}

    def begin(self, lengths: np.ndarray) -> None:
        """Start a batch of passages of these lengths, padded on the right."""
        self._lengths = lengths
        self._checked = {}

    def add(self, call: Call) -> None:
        """Take a layer's rules from its first call, and compare all later calls with them.

        Raises
        ------
        HeadscopeError
            If the rules depend on more than positions.
        """
        if call.layer == len(self._of_layer):
            self._of_layer.append(self._number(self._pattern(call.mask, 0)))
            self._scaling.append(call.scaling)
            self._softcap.append(call.softcap)
            self._sinks.append(None if call.sinks is None else call.sinks.float().numpy().copy())
            self._bias.append(self._corner(call.bias, 0))
        self._verify(call)

    def collected(self) -> dict[str, Any]:
        """Return the rules as `compute.runs.Run` takes them."""
        if len(set(self._softcap)) > 1:
            raise self._unfit("its layers cap their scores differently")
        return {
            "scaling": self._scaling,
            "softcap": self._softcap[0],
            "allowed": np.stack(self._patterns),
            "pattern": self._of_layer,
            "sinks": _filled(self._sinks, -np.inf),
            "bias": _filled(self._bias, 0.0),
        }

    def _verify(self, call: Call) -> None:
        expected = self._of_layer[call.layer]
        if call.scaling != self._scaling[call.layer]:
            raise self._unfit("its scores are scaled by more than the layer")
        if call.bias is not None or self._bias[call.layer] is not None:
            self._verify_bias(call)
        seen = self._checked.get(id(call.mask))  # layers of one kind share one mask
        if seen is not None and seen[1] == expected:
            return
        for row, length in enumerate(self._lengths):
            corner = self._patterns[expected][:length, :length]
            if not np.array_equal(self._pattern(call.mask, row), corner):
                raise self._unfit("what a token may see depends on more than its position")
        self._checked[id(call.mask)] = (call.mask, expected)

    def _verify_bias(self, call: Call) -> None:
        known = self._bias[call.layer]
        for row, length in enumerate(self._lengths):
            found = self._corner(call.bias, row)
            if (
                known is None
                or found is None
                or not np.allclose(found, known[:, :length, :length], rtol=0, atol=1e-5)
            ):
                raise self._unfit("its position biases depend on more than the position")

    def _pattern(self, mask: torch.Tensor | None, row: int) -> np.ndarray:
        """Return which key each query of a passage may see, bool (length, length)."""
        length, widest = int(self._lengths[row]), int(self._lengths.max())
        if mask is None:
            if length < widest:
                raise self._unfit("it does not keep tokens from padding")
            return np.ones((length, length), dtype=bool)
        if mask.shape[1] != 1:
            raise self._unfit("its heads have masks of their own")
        values = mask[row if mask.shape[0] > 1 else 0, 0, :length].numpy()
        allowed = values == 0
        if not (allowed | (values < BLOCKED)).all():
            raise self._unfit("its masks add values of their own to the scores")
        if allowed[:, length:].any():
            raise self._unfit("it does not keep tokens from padding")
        return allowed[:, :length]

    def _corner(self, bias: torch.Tensor | None, row: int) -> np.ndarray | None:
        if bias is None:
            return None
        length = int(self._lengths[row])
        own = bias[row if bias.shape[0] > 1 else 0]
        return own[:, :length, :length].float().numpy().copy()

    def _number(self, pattern: np.ndarray) -> int:
        for number, known in enumerate(self._patterns):
            if np.array_equal(known, pattern):
                return number
        self._patterns.append(pattern)
        return len(self._patterns) - 1

    def _unfit(self, why: str) -> HeadscopeError:
        return HeadscopeError(
            f"The attention of {self._name} can't be kept as queries and keys: {why}. Choose "
            "another model."
        )


def _filled(parts: list[np.ndarray | None], missing: float) -> np.ndarray | None:
    """Stack what the layers have; layers without get a value that changes nothing."""
    shapes = [part.shape for part in parts if part is not None]
    if not shapes:
        return None
    return np.stack([np.full(shapes[0], missing, np.float32) if p is None else p for p in parts])
