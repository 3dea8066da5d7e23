"""What the stage "Methods" shows: grids of all heads, the open head's curves, maps and table."""

import numpy as np
import pytest
from dash import html
from stored import quiet, random_cross, random_run

from components.scale import callbacks, methods
from compute.jobs import mapping
from compute.maps import projection
from compute.scale import all_scales, comparison
from compute.scale.scales import SCALES

SHAPE = (2, 3)


@pytest.fixture(scope="module", autouse=True, params=[random_run, random_cross])
def view(request, shared_cache) -> dict:
    """What the stage shows: a random run that was scanned, within one text or across two."""
    run = {"run": request.param(*SHAPE).key}
    callbacks.scan(quiet, run)
    return run | {"layer": 1, "head": 1, "method": "pca", "which": "grid", "theme": "light"}


@pytest.fixture(scope="module")
def rows(view: dict) -> dict[str, comparison.Row]:
    """What was measured of the open head's maps."""
    callbacks.lay_out(quiet, view)
    asked = mapping.at_scales("pca")
    return {c: comparison.row(view["run"], 1, 1, each) for c, each in asked.items()}


def test_the_grids_show_what_was_scanned(view) -> None:
    found = all_scales.SCANS.get(all_scales.key(view["run"]))
    expected = [
        found.weighted.grid, found.counts.grid, found.norms,
        found.weighted_corrected.grid, found.counts_corrected.grid, found.norms_corrected,
    ]  # fmt: skip
    figure, verdict, empty_hidden, found_hidden, takes = callbacks.draw_grids(None, view)
    assert (empty_hidden, found_hidden, takes) == (True, False, "")
    one, two = found.weighted.grid, found.weighted_corrected.grid
    known = np.isfinite(one) & np.isfinite(two)
    outside = [int(((c < 0.8) | (c > 1.25))[known].sum()) for c in (one, two)]
    of = "all 6 heads" if known.all() else f"the {known.sum()} of 6 heads that both"
    assert verdict.startswith(f"The weighted correlation, of {of}") and "nan" not in verdict
    assert f"for {outside[0]} as published and for {outside[1]} corrected" in verdict
    assert f"name the same c for {(one == two)[known].sum()}." in verdict
    for cells, best in zip(figure.data, expected, strict=True):
        np.testing.assert_allclose(cells.z, np.log2(best), atol=1e-5)
    finer, *_ = callbacks.draw_grids(None, view | {"which": "best"})
    best = np.log2(found.weighted_corrected.best)
    np.testing.assert_allclose(finer.data[3].z, best, atol=1e-5)
    other = random_run(*SHAPE, seed=5)  # that nobody has scanned
    _, _, *hidden, takes = callbacks.draw_grids(None, view | {"run": other.key})
    assert hidden == [False, True] and "all 6 heads takes about 1 s" in takes


def test_the_curves_are_those_of_the_open_head(view) -> None:
    figure = callbacks.draw_curves(None, None, view)
    found = all_scales.SCANS.get(all_scales.key(view["run"]))
    np.testing.assert_allclose(figure.data[0].y, found.weighted.fine[1, 1])


def test_the_maps_carry_their_own_trust(view, rows) -> None:
    trusts = [f"T {row.trust['score']:.2f}".replace("-", "−") for row in rows.values()]
    assert len(trusts) == len(SCALES) + 1
    figure, note, missing_hidden = callbacks.draw_maps(None, view)
    assert len(figure.data) == 16 and missing_hidden and note.startswith("By PCA")
    titles = [title.text for title in figure.layout.annotations]
    assert [title.split("  ")[1] for title in titles] == trusts
    assert titles[3].startswith("<b>c = 1</b>") and titles[-1].startswith("<b>equal norms</b>")
    assert figure.data[5].meta == list(mapping.at_scales("pca"))[2]  # opens it large
    curve = callbacks.draw_curves(None, None, view).data[-1]
    assert sorted(curve.y) == pytest.approx(sorted(r.trust["score"] for r in rows.values()))
    without = callbacks.draw_maps(None, view, True)[0]  # in a browser without WebGL
    assert {trace.type for trace in without.data} == {"scatter"} and len(without.data) == 16
    _, note, missing_hidden = callbacks.draw_maps(None, view | {"head": 0})
    assert "not laid out yet" in note and not missing_hidden


def test_the_table_of_methods(view) -> None:
    assert "Not measured for L0H1" in methods.draw_table(None, view | {"layer": 0}).children
    asked = mapping.by_method(["pca", "biplot"])
    mapping.compare(view["run"], 1, 1, list(asked.values()), quiet)
    shown, shares = methods.draw_table(None, view)
    assert "the share that is among its k nearest" in shares.children
    body = shown.children[1]
    lines = [[cell.children for cell in row.children] for row in body.children]
    assert [line[0] for line in lines[:-1]] == [projection.METHODS[m].title for m in asked]
    assert isinstance(lines[-1][0], html.I) and lines[-1][0].children == "chance"
    for line, each in zip(lines, asked.values(), strict=False):
        row = comparison.row(view["run"], 1, 1, each)
        assert line[1].children.replace("−", "-") == f"{row.trust['score']:.2f}"
        assert line[2].replace("−", "-") == f"{row.held_out['score']:.2f}"
        assert line[3] == f"{row.trust['recall']['1']:.0%}"
