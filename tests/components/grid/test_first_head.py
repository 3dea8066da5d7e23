"""What a page opens on that was told no head: by the numbers of the shipped models."""

import numpy as np
import pytest
from dash.exceptions import PreventUpdate
from stored import random_run

from components.grid import first_head
from compute import attention, runs
from compute.jobs import opening, scoring
from compute.scores import heads


def unseen(_state: object) -> None:
    pass


def opened(model: str) -> dict:
    run = opening.open_run(model, "prose", unseen)
    scoring.score_heads(run["key"], unseen)
    return run


def test_what_is_known_beforehand_is_what_the_scores_say(shared_cache):
    [known] = first_head.KNOWN
    run = opened(known["model"])
    found = first_head.choose({"run": run["key"]})
    assert {name: found[name] for name in ("layer", "head")} == {"layer": 0, "head": 2}
    assert (known["layer"], known["head"]) == (found["layer"], found["head"])
    assert found["why"].endswith("no head looks at the token before more clearly (1.00).")
    data, token = runs.load(run["key"]), known["token"]
    passage = int(data.tokens.passage[token])
    query = token - int(data.tokens.starts[passage])
    assert attention.of_passage(data, 0, 2, passage)[query, query - 1] > 0.99


@pytest.mark.parametrize("model", ["demo-gpt", "demo-bert"])
def test_other_models_open_on_their_clearest_head(shared_cache, model):
    run = opened(model)
    found = first_head.choose({"run": run["key"]})
    scores = heads.SCORES.get(heads.key(run["key"])).of("previous").mean
    assert (found["layer"], found["head"]) == np.unravel_index(scores.argmax(), scores.shape)
    assert f"before more clearly ({f'{scores.max():.2f}'.removeprefix('0')})." in found["why"]
    data, token = runs.load(run["key"]), found["token"]
    assert data.tokens.strings[token].removeprefix("·").isalpha()


def test_a_model_of_pictures_opens_on_a_head_that_looks_along_a_line(shared_cache):
    run = opened("demo-vit")
    found = first_head.choose({"run": run["key"]})
    assert (found["layer"], found["head"]) in ((0, 2), (0, 3))
    assert found["why"].endswith("of a patch more clearly (.79).")
    assert found["token"] % 65  # a patch, not [CLS]


def test_where_no_head_is_clear_nothing_is_said(shared_cache):
    run = random_run()
    with pytest.raises(PreventUpdate):
        first_head.choose({"run": run.key})  # not measured
    scoring.score_heads(run.key, unseen)
    with pytest.raises(PreventUpdate):
        first_head.choose({"run": run.key})
    with pytest.raises(PreventUpdate):
        first_head.choose(None)
