"""Who builds SmolLM2's induction heads, for people who have its package: ``pytest -m hub``."""

import pytest

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.model_files import packaged
from compute.models import loading
from compute.why import explaining, induction_edges
from compute.why.results import strongest
from compute.why.subject import PLACES

pytestmark = pytest.mark.hub
KEY = 1


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not packaged.installed():  # its converted weights are worth keeping
        monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


@pytest.mark.parametrize("name", ["L18H6", "L17H3", "L17H4", "L17H5", "L18H7"])
def test_smollm2s_induction_heads_are_built_by_l16h0(name: str) -> None:
    try:
        model = loading.load(catalog.find("smollm2"))
    except HeadscopeError as error:
        pytest.skip(str(error))
    layer, head = map(int, name[1:].split("H"))
    subject = induction_edges.ask(model, layer, head, sequences=5)
    *_, found = explaining.explain(model, subject)
    assert tuple(found.measured[strongest(found, KEY)[0]].tolist()) == (16, 0)
    direct = found.heads[KEY].mean(0)
    assert direct[16, 0] > 0.6 * found.contrast.mean()
    assert found.places[KEY, 16, 0, PLACES.index("before")] > 0.95 * direct[16, 0]
