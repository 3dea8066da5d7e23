"""The maps as their callback draws them, and the badge that says how far they can be trusted."""

import base64
import re
import struct
import zlib

import numpy as np
import pytest
from dash import no_update
from drawn import inside, said
from stored import column, quiet, random_cross, random_run

from components.grid import chooser
from components.joint_map import heldout, maps, trust_badge, words
from components.shown.pictures import picture
from components.shown.records import HeadView, MapOptions
from compute import runs
from compute.errors import HeadscopeError
from compute.maps import points, projection

PCA = {"method": "pca", "dims": "2", "steps": None, "scale": "none", "rotation": "after"}
LOOKS = {"colour": "role", "hide": False, "dim": False, "dense": False, "theme": "light"}
COLOURS = [(0x25, 0x63, 0xC9), (0xD9, 0x65, 0x0B)]  # of queries and keys on a light page
SLOW = PCA | {"method": "attention", "steps": 5}


def drawn(run: runs.Run, options=PCA, at=(0, 1), frame=None, over=None, **looks):
    return maps.draw_map(column(run, *at), options, LOOKS | looks, None, frame, (), over)


def places(figure) -> np.ndarray:
    return np.stack([trace[axis] for trace in figure.data[:2] for axis in "xy"])


def test_every_colouring_draws(run) -> None:
    assert {"role", "position", "mod5", "token", "frequency", "norm", "passage"} <= set(
        points.COLOURINGS
    )
    seen = []
    for name in points.COLOURINGS:
        figure, note, wanted, legend = drawn(run, colour=name)
        markers = [trace.marker.to_plotly_json() for trace in figure.data]
        seen.append(str([(each["color"], each.get("colorscale")) for each in markers]))
        assert np.array_equal(places(figure), places(drawn(run)[0]))
        assert (note, wanted) == ("", no_update)
        assert name == "role" or len(said(legend)) > 5
    assert len(set(seen)) == len(points.COLOURINGS)


def test_the_map_is_of_the_head(run) -> None:
    first, other, again = (places(drawn(run, at=at)[0]) for at in ((0, 1), (1, 0), (0, 1)))
    assert first.shape == (4, len(run.tokens)) and np.isfinite(first).all()
    assert np.array_equal(first, again) and not np.allclose(first, other)
    with pytest.raises(HeadscopeError, match="no head L0H3"):
        drawn(run, at=(0, 3))


@pytest.mark.usefixtures("cache")
def test_in_cross_attention_queries_and_keys_are_of_two_texts() -> None:
    run = random_cross()
    for options in (PCA, PCA | {"dims": "3"}, PCA | {"method": "exact"}):
        for name in points.COLOURINGS:
            figure, note, wanted, _ = drawn(run, options, colour=name, hide=True, dense=True)
            q, k = (np.isnan(np.array(trace.x, float)) for trace in figure.data[:2])
            assert np.array_equal(q, run.tokens.special) and np.array_equal(k, run.keys.special)
            assert wanted is no_update and "queries are tokens that the decoder reads" in note
    figure, *_ = drawn(run, dim=True)
    assert [len(trace.marker.opacity) for trace in figure.data[:2]] == [54, 72]
    preview, _, wanted, _ = drawn(run, SLOW)
    done = maps.fit_map(quiet, wanted)
    fitted, note, wanted, _ = drawn(run, SLOW)
    assert projection.MAPS.has(done["name"]) and wanted is no_update
    assert [len(trace.x) for trace in fitted.data[:2]] == [54, 72]
    assert not np.allclose(fitted.data[0].x, preview.data[0].x)
    shown = column(run, 0, 1)
    text, kind, _ = trust_badge.draw_badge(shown, PCA, None)
    assert said(text).startswith("Trust ") and kind != "badge-none"
    held = heldout.hold_out(quiet, 1, shown["run"], "0", "1", *PCA.values())
    assert re.fullmatch(r"Held out: T -?\d\.\d\d", held["said"])


@pytest.mark.usefixtures("cache")
def test_many_points_of_cross_attention_are_density(monkeypatch) -> None:
    monkeypatch.setattr(words, "DOTS", 100)
    run = random_cross()
    figure, note, *_ = drawn(run)
    assert figure.layout.meta["shaded"] and "126 points are drawn as" in said(note)
    assert [len(trace.x) for trace in figure.data[:2]] == [54, 72]


def test_hidden_special_tokens(run) -> None:
    hidden = np.isnan(places(drawn(run, hide=True)[0]))
    assert run.tokens.special.any()
    assert np.array_equal(hidden, np.tile(run.tokens.special, (4, 1)))


def test_a_slow_map_comes_by_itself(run) -> None:
    figure, note, wanted, _ = drawn(run, SLOW)
    assert note == "A preview, until Attention map is ready." and np.isfinite(places(figure)).all()
    done = maps.fit_map(quiet, wanted)
    assert done["needs"] == [projection.MAPS.ref(done["name"])]
    fitted, note, wanted, _ = drawn(run, SLOW)
    assert (note, wanted) == ("", no_update)
    assert np.isfinite(places(fitted)).all() and not np.allclose(places(fitted), places(figure))
    assert np.array_equal(places(drawn(run, SLOW)[0]), places(fitted))


def test_a_step_on_the_way_is_shown(run) -> None:
    _, _, wanted, _ = drawn(run, SLOW)
    name = picture(HeadView.of(column(run, 0, 1)), MapOptions(**SLOW)).name
    frame = {"name": name, "step": 3, "frame": f"{name}-0"}
    _, note, asked, _ = drawn(run, SLOW, frame=frame)
    assert asked is no_update and note.startswith("A preview")  # that frame is gone
    maps.fit_map(quiet, wanted)
    assert drawn(run, SLOW, frame=frame)[1] == ""
    other = SLOW | {"steps": 6}
    _, note, asked, _ = drawn(run, other, frame=frame)  # a frame of another map
    assert asked["options"] == {"steps": 6} and "until" in note


def test_b_is_laid_over_a_if_it_is_to_be(run) -> None:
    over = column(run, 0, 1)
    alone = drawn(run, at=(1, 0))[0]
    apart, note, *_ = drawn(run, at=(1, 0), over=over)  # random heads have nothing in common
    far = r"its shape has next to nothing in common with A's \(residual (0\.9\d|1\.00); 0 is .*\)\."
    assert re.fullmatch(f"Drawn on its own: {far}", note)
    assert apart.layout.meta["apart"] and not apart.layout.meta["laid"]
    assert np.array_equal(places(apart), places(alone))
    laid, note, *_ = drawn(run, at=(1, 0), over=over | {"anyway": True})
    assert re.fullmatch(f"Laid over A, though {far}", note)
    assert laid.layout.meta["laid"] and not alone.layout.meta["laid"]
    assert not np.allclose(places(laid), places(alone))
    same, note, *_ = drawn(run, over=over)
    assert note == "Laid over A, residual 0.00." and not same.layout.meta["apart"]
    assert np.allclose(places(same), places(drawn(run)[0]), atol=1e-4)
    other = random_run(passages=3, seed=1)
    figure, note, *_ = maps.draw_map(column(other, 0, 1), PCA, LOOKS, None, None, (), over)
    assert "not the same passages" in note and not figure.layout.meta["laid"]


def test_without_webgl_a_map_is_drawn_as_shapes(run, monkeypatch) -> None:
    usual, figure = drawn(run)[0], drawn(run, shapes=True)
    assert {trace.type for trace in usual.data} == {"scattergl"}
    assert {trace.type for trace in figure[0].data} == {"scatter"}
    assert np.array_equal(places(figure[0]), places(usual))
    assert figure[1] == "Drawn without WebGL, which this browser lacks."
    assert not drawn(run, PCA | {"dims": "3"}, shapes=True)[0].data  # the page says so instead
    monkeypatch.setattr(words, "SHAPES", 10)
    assert "are drawn as density" in said(drawn(run, shapes=True)[1])
    assert "are slow to draw without it" in said(drawn(run, shapes=True, dots=True)[1])


def test_very_many_points_are_drawn_as_density(run, monkeypatch) -> None:
    few = drawn(run)[0]
    monkeypatch.setattr(words, "DOTS", 2 * len(run.tokens) - 1)
    figure, note, *_ = drawn(run)
    assert figure.layout.meta["shaded"] and not few.layout.meta["shaded"]
    assert said(note).startswith(f"{2 * len(run.tokens)} points are drawn as density")
    assert np.allclose(places(figure), places(few), atol=1e-6)
    assert [trace.visible for trace in figure.data[:2]] == ["legendonly"] * 2
    assert not drawn(run, dots=True)[0].layout.meta["shaded"]
    assert "Draw density" in said(drawn(run, dots=True)[1])
    assert not drawn(run, PCA | {"dims": "3"})[0].layout.images
    pixels = density(figure)
    hidden = density(drawn(run, hide=True)[0])
    # of few points in a fine grid nearly each has its own cell, in the colour of its role
    blue, orange = ((pixels[..., :3] == rgb).all(-1) & (pixels[..., 3] > 80) for rgb in COLOURS)
    assert blue.sum() > 0.9 * len(run.tokens) and orange.sum() > 0.9 * len(run.tokens)
    assert (hidden[..., 3] > 0).sum() < (pixels[..., 3] > 0).sum()
    assert (
        len({str(density(drawn(run, colour=name)[0]).tobytes()) for name in points.COLOURINGS}) == 7
    )


def density(figure) -> np.ndarray:
    """The pixels of a map that is drawn as density, as its PNG has them."""
    file = base64.b64decode(figure.layout.images[0].source.partition(",")[2])
    columns, rows = struct.unpack(">II", file[16:24])
    size = struct.unpack(">I", file[33:37])[0]
    lines = np.frombuffer(zlib.decompress(file[41 : 41 + size]), np.uint8)
    return lines.reshape(rows, -1)[:, 1:].reshape(rows, columns, 4)


def test_colours_of_categories_have_names(run) -> None:
    legend = drawn(run, colour="token")[3]
    chips = [part for part in inside(legend) if getattr(part, "className", "") == "category"]
    strings = {f"“{name}”" for name in run.tokens.strings}
    assert len(chips) == len(strings) and {said(chip) for chip in chips} == strings
    assert said(drawn(run, colour="mod5")[3]).endswith("01234")


def test_a_map_is_dark_on_a_dark_page(run) -> None:
    light, dark = (drawn(run, theme=theme)[0] for theme in ("light", "dark"))
    colours = [figure.layout.template.layout.font.color for figure in (light, dark)]
    assert colours[0] != colours[1]


def test_the_trust_badge(run) -> None:
    label, look, details = trust_badge.draw_badge(column(run, 0, 1), PCA, None)
    shown = re.fullmatch(r"Trust (\d\.\d\d) .+", said(label))[1]
    assert look in {"badge-good", "badge-fair", "badge-poor"}
    cells = [said(cell) for cell in details[-1].children[1].children[0].children]
    assert abs(float(shown) - float(cells[1])) <= 0.005
    assert "Recall@" in said(details) and "This method never saw attention." in said(details)
    label, look, _ = trust_badge.draw_badge(column(run, 0, 1), SLOW, None)
    assert (label, look) == ("Trust: when the map is fitted", "badge-none")
    assert dict(chooser.all_scores())["trust"] == "Trust", "the grid has the same name for it"


def test_the_trust_badge_says_so_where_sinks_take_much(run, monkeypatch) -> None:
    monkeypatch.setattr(trust_badge, "MUCH", 0.195)  # shares are told in whole percents
    told = set()
    for at in np.ndindex(2, 3):
        label, _, details = trust_badge.draw_badge(column(run, *at), PCA, None)
        share = said(details[-1].children[1].children[-1].children[1])
        told.add((float(share.rstrip("%")) >= 20, f"without sinks ({share}" in said(label)))
    assert told == {(True, True), (False, False)}


def test_keys_do_not_hide_the_queries_under_them(run) -> None:
    figure, *_ = drawn(run, colour="position")
    queries, _, over = figure.data
    assert [trace.name for trace in figure.data] == ["query", "key", "query-over"]
    assert np.array_equal(over.x, queries.x[::2]) and np.array_equal(over.y, queries.y[::2])
    assert np.array_equal(over.marker.color, queries.marker.color[::2])
    assert over.marker.symbol == queries.marker.symbol and over.hoverinfo == "skip"
