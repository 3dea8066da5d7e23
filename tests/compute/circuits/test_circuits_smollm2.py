"""Who builds a head of SmolLM2, for people who have its package: ``pytest -m hub``."""

import pytest

from compute.circuits import building
from compute.circuits.behaviours import Behaviour
from compute.circuits.graph import arrows
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.model_files import packaged
from compute.models import loading
from compute.why import induction_edges

pytestmark = pytest.mark.hub


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not packaged.installed():  # its converted weights are worth keeping
        monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


def test_l16h0_builds_the_keys_of_l17h3() -> None:
    try:
        model = loading.load(catalog.find("smollm2"))
    except HeadscopeError as error:
        pytest.skip(str(error))
    behaviour = Behaviour(*induction_edges.everywhere(model, 2, 5))
    *_, found = building.build(model, behaviour, only=(17, 3))
    first = next(iter(arrows(found)))
    assert (first.builder[:2], first.side) == ((16, 0), "key")
    assert first.effect > 0.6 * found.contrast[[tuple(at) for at in found.heads].index((17, 3))]
    assert first.attention > 0.4
