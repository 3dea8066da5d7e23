"""Known answers on trained weights: who builds the induction heads of the models that ship."""

import numpy as np
import pytest

from compute.finding import catalog
from compute.models import loading
from compute.models.model import Model
from compute.why import explaining, induction_edges
from compute.why.results import Explained, above, over_passages, strongest
from compute.why.subject import PLACES, SIDES

KEY = SIDES.index("key")


def explained(model: Model, layer: int, head: int, count: int = 20, sequences: int = 6):
    subject = induction_edges.ask(model, layer, head, sequences=sequences)
    *_, found = explaining.explain(model, subject, count=count)
    assert found.complete
    return found


def first_on(found: Explained, side: int) -> tuple[int, int]:
    return tuple(found.measured[strongest(found, side)[0]].tolist())


@pytest.mark.parametrize("head", range(4))
def test_demo_gpts_induction_heads_are_built_by_its_previous_token_head(head: int) -> None:
    """L0H0 writes more than half of each key's contrast, nearly all from the token before."""
    found = explained(loading.load(catalog.find("demo-gpt")), 1, head)
    assert first_on(found, KEY) == (0, 0)
    assert above(found)[strongest(found, KEY)[0], KEY]
    direct, contrast = found.heads[1].mean(0), found.contrast.mean()
    assert direct[0, 0] > 0.6 * contrast
    assert abs(direct[0, 1:]).max() < 0.02 * contrast
    brought = found.places[1, 0, 0]
    assert brought[PLACES.index("before")] > 0.95 * direct[0, 0]
    left = found.attention.mean() - over_passages(found.changes).mean[strongest(found, KEY)[0], KEY]
    assert left < 0.1


@pytest.mark.parametrize("head", range(3))
def test_demo_berts_retrieval_heads_are_built_by_l0h1(head: int) -> None:
    found = explained(loading.load(catalog.find("demo-bert")), 1, head, sequences=12)
    for side in (0, KEY):
        assert first_on(found, side) == (0, 1)
        assert found.said[side, 0].argmax() == 1


def test_of_edges_elsewhere_demo_gpts_builder_is_not_said_to_build_anything() -> None:
    """Without a repeat the same places have no contrast that L0H0 could make."""
    found = explained(loading.load(catalog.find("demo-gpt")), 1, 0)
    at = [tuple(x) for x in found.measured.tolist()].index((0, 0))
    null = np.abs(over_passages(found.others).mean[at, KEY])
    assert null < 0.1 * over_passages(found.effects).mean[at, KEY]
