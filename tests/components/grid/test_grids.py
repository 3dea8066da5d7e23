"""The two grids of all heads, as their callbacks draw them."""

import re

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate
from drawn import listed, said
from stored import column, quiet, random_run

from components.grid import grids
from compute.jobs import measuring
from compute.scores import heads
from compute.scores.head_scores import HEAD_SCORES

PCA = {"method": "pca", "dims": "2", "steps": None, "scale": "none", "rotation": "after"}
FEW = {"trials": 6, "length": 12, "seed": 0}
pytestmark = pytest.mark.usefixtures("cache")
NO_JOB = {"lab-detected-asked": no_update}


def test_the_head_grid_shows_each_score() -> None:
    assert {"previous", "duplicate", "induction", "entropy", "special"} <= set(HEAD_SCORES)
    run = random_run()
    shown = column(run, 0, 0)["run"]
    nothing = dict.fromkeys(grids.MEASURED)
    waiting = grids.draw_head_grid(nothing, "previous", "light", PCA, shown)
    assert waiting[:3] == (no_update,) * 3 and waiting[3] == NO_JOB
    found = nothing | {"scores": grids.score_heads(quiet, {"key": run.key})}
    known = heads.SCORES.get(heads.key(run.key))
    for name in HEAD_SCORES:
        figure, note, *asked = grids.draw_head_grid(found, name, "light", PCA, shown)
        z = np.array(figure.data[0].z, float)
        np.testing.assert_allclose(z, known.of(name).mean, rtol=1e-5)
        assert z.shape == (2, 3) and len(note) > 20 and asked == [no_update, NO_JOB]
    other = found | {"scores": {"run": "another"}}
    assert grids.draw_head_grid(other, "self", "light", PCA, shown)[0] is no_update


def test_the_trust_of_all_heads_is_asked_for_and_then_shown() -> None:
    shown = column(random_run(), 0, 0)["run"]
    nothing = dict.fromkeys(grids.MEASURED)
    _, note, asked, _ = grids.draw_head_grid(nothing, "trust", "light", PCA, shown)
    assert "Laying out every head (PCA)" in note
    grids.measure_trust(quiet, asked | {"options": dict(asked["options"])})
    figure, note, *_ = grids.draw_head_grid(nothing, "trust", "light", PCA, shown)
    assert np.array(figure.data[0].z, float).shape == (2, 3) and "Median" in note


def test_the_notes_say_what_was_measured() -> None:
    """And demo-gpt was made to have induction heads: the strongest is bright and named."""
    name = measuring.measure_induction("demo-gpt", FEW, quiet)
    run = {"spec": "demo-gpt", "model": {"weights": True}}
    measured = {"spec": "demo-gpt", "name": name}
    figure, shown = grids.draw_induction(measured, "light", run)
    note = said(shown)
    assert "6 trials" in note and "seed 0" in note and "12 random tokens repeated" in note
    scores = np.array(figure.data[0].z, float)
    layer, head = np.unravel_index(scores.argmax(), scores.shape)
    assert scores.max() > 0.8 and re.match(rf"Strongest: L{layer}H{head} with 0\.\d\d\.", note)
    assert listed(shown) == [f"L{layer}H{head}"] and "“two copies”" in note
    with pytest.raises(PreventUpdate):
        grids.draw_induction(measured, "light", run | {"spec": "another"})
