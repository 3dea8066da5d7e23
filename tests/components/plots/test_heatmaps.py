"""Heatmaps hold the numbers they were given, and say what they leave out."""

import numpy as np
import pytest

from components.plots import heatmaps
from compute.attention.heat_scales import HeatScale, Shown


def shown(m: int) -> Shown:
    return Shown(np.eye(m), np.ones((m, m), bool), np.arange(m) == 0)


def test_a_long_passage_names_some_tokens_and_knows_all() -> None:
    m = 200
    figure = heatmaps.heatmap(shown(m), [f"t{i}" for i in range(m)], HeatScale(), False)
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.dtick > 1 and axis.ticks == "outside"
        assert axis.labelalias["199"] == "t199", "the card under the mouse says it"
    assert figure.data[0].customdata is None


def test_as_many_names_as_there_is_room_for() -> None:
    m, tokens = 40, ["abc"] * 40
    wide = heatmaps.heatmap(shown(m), tokens, HeatScale(), False, size=(1000, 300)).layout
    assert wide.xaxis.dtick == 1 and wide.yaxis.dtick == 2
    room = 300 - wide.margin.t - wide.margin.b
    assert m / 2 * 1.15 * wide.yaxis.tickfont.size <= room < m * 1.15 * wide.yaxis.tickfont.size
    assert heatmaps.heatmap(shown(2), ["a"] * 2, HeatScale(), False, size=(0, 0)).layout.xaxis.dtick


def test_all_names_in_smaller_letters_rather_than_some() -> None:
    layout = heatmaps.heatmap(shown(26), ["abc"] * 26, HeatScale(), False, size=(450, 390)).layout
    assert layout.yaxis.dtick == 1 and 8 <= layout.yaxis.tickfont.size < 11


def test_square_cells_leave_no_rows_without_tokens() -> None:
    layout = heatmaps.plain(np.eye(5), ["a"] * 5, False).layout
    assert layout.yaxis.scaleanchor == "x"
    assert (layout.xaxis.constrain, layout.yaxis.constrain) == ("domain", "domain")


def test_the_pages_own_card_tells_of_cells_and_no_template_that_rounds_to_zero() -> None:
    traces = [
        heatmaps.heatmap(shown(3), list("abc"), HeatScale("row"), False).data[0],
        heatmaps.plain(np.eye(3), list("abc"), False).data[0],
        heatmaps.difference(np.eye(3), list("abc"), HeatScale("most", 1.0), False).data[0],
    ]
    assert [(t.hoverinfo, t.hovertemplate) for t in traces] == [("none", None)] * 3


def test_names_are_inert_and_say_where_they_are_cut() -> None:
    figure = heatmaps.heatmap(shown(2), ["<b>", "a" * 20], HeatScale(), False)
    assert figure.layout.xaxis.labelalias == {"0": "&lt;b&gt;", "1": "a" * 13 + "…"}


@pytest.mark.parametrize(("m", "framed"), [(12, True), (300, False)])
def test_marks_stand_beside_the_cells(m: int, framed: bool) -> None:
    tokens = [f"t{i}" for i in range(m)]
    figure = heatmaps.heatmap(shown(m), tokens, HeatScale(), False, row=3, column=4)
    marks = [s for s in figure.layout.shapes if s.name.startswith("marked")]
    rows = [s for s in marks if s.name == "marked-row"]
    assert [(s.xref, s.xanchor, s.x0, s.x1) for s in rows] == [
        ("x domain", 0, -6, -1),
        ("x domain", 1, 1, 6),
    ]
    columns = [s for s in marks if s.name == "marked-column"]
    assert [(s.yref, s.yanchor, s.y0, s.y1) for s in columns] == [
        ("y domain", 0, 1, 6),
        ("y domain", 1, -6, -1),
    ]
    if framed:
        assert (rows[0].y0, rows[0].y1) == (2.5, 3.5)
    else:  # so many pixels, however small a cell is
        assert (rows[0].yanchor, rows[0].ysizemode, rows[0].y0, rows[0].y1) == (3, "pixel", -3, 3)
    frames = [s.line.width for s in figure.layout.shapes if s.name.startswith("framed")]
    assert frames == [1, 1] * framed


def test_the_colours_of_the_logarithmic_scale() -> None:
    figure = heatmaps.heatmap(shown(3), list("abc"), HeatScale("log"), False)
    stops = figure.data[0].colorscale
    inks = [ink for _, ink in figure.data[1].marker.colorscale]
    assert stops[0][1] == stops[1][1] == inks[0] and stops[-1] == (1.0, inks[-1])
    places = np.array([place for place, _ in stops[1:]])
    assert np.isclose(places[0], 0.001) and np.allclose(np.diff(np.log(places), 2), 0)
    middle = min(stops, key=lambda stop: abs(np.log10(stop[0] or 1e-9) + 1.5))
    near = [int(middle[1][i : i + 2], 16) - int(inks[2][i : i + 2], 16) for i in (1, 3, 5)]
    assert np.abs(near).max() < 5, "half of the decades is half of the colours"


def test_others_end_at_the_largest_and_say_so() -> None:
    figure = heatmaps.plain(np.eye(3) / 2, list("abc"), False)
    assert figure.data[0].zmax == 0.5 and "0 to 0.5" in figure.layout.meta["scale"]
    assert figure.layout.yaxis.scaleanchor == "x"
