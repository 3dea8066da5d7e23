"""Words over a map, and the part of the plane that it shows, in a tab without an app."""

PLACE = """widths => {
    const room = window.headscope.room(0, 0, 200, 100);
    return widths.map(([x, y, w]) => room([x, y], w));
}"""
# A plot of 100 by 50 pixels that shows 10 by 5 of the plane, as Plotly has it.
PLOT = """
    const axis = (length, range) => ({
        _length: length, range, d2p: v => (v - range[0]) / (range[1] - range[0]) * length,
    });
    const points = (x, y) => ({type: "scatter", x: Float64Array.from(x), y: Float64Array.from(y)});
    const gd = {
        offsetParent: document.body, data: [],
        layout: {uirevision: "a", meta: {window: [0, 10, 0, 5]}},
        _fullLayout: {xaxis: axis(100, [0, 10]), yaxis: axis(50, [0, 5])},
        _fullData: [points([1, 2, NaN], [1, 4, 1]), points([1.1, 40], [1, 1])],
    };
    window.Plotly = {relayout: (gd, change) => {
        gd._fullLayout.xaxis = axis(gd._fullLayout.xaxis._length, change["xaxis.range"]);
        gd._fullLayout.yaxis = axis(gd._fullLayout.yaxis._length, change["yaxis.range"]);
        return Promise.resolve();
    }};
    const seen = () => [...gd._fullLayout.xaxis.range, ...gd._fullLayout.yaxis.range];
    const {section} = window.headscope;
"""


def in_plot(page, body: str) -> list:
    return page.evaluate(f"async () => {{ {PLOT} {body} }}")


def test_words_never_cover_each_other(blank) -> None:
    asked = [[50, 50, 40], [50, 50, 40], [50, 50, 40], [50, 50, 40], [50, 50, 40], [195, 20, 60]]
    found = blank.evaluate(PLACE, asked)
    right, left, above, below, none, edge = found
    assert right == [58, 50] and left == [2, 50] and above[1] < 50 < below[1]
    assert none is None  # there is no fifth place
    assert edge[0] + 60 <= 195  # to the left, where it would be cut
    boxes = [
        (x, y - 7.5, w)
        for (x, y), (*_, w) in zip([right, left, above, below], asked[:4], strict=True)
    ]
    for i, (x, y, w) in enumerate(boxes):
        for a, b, c in boxes[:i]:
            assert x >= a + c or a >= x + w or abs(y - b) >= 15


def test_a_map_shows_the_same_part_in_another_shape(blank) -> None:
    """Narrow and wide again: Plotly alone would show more and more around it."""
    found = in_plot(
        blank,
        """
            section.keep(gd);
            const all = [seen()];
            for (const [width, height] of [[50, 50], [100, 50]]) {
                gd._fullLayout.xaxis._length = width;
                gd._fullLayout.yaxis._length = height;
                section.keep(gd);
                all.push(seen());
            }
            return all;
        """,
    )
    assert found == [[0, 10, 0, 5], [0, 10, -2.5, 7.5], [0, 10, 0, 5]]


def test_a_double_click_shows_the_farthest_points_and_then_the_beginning(blank) -> None:
    found = in_plot(
        blank,
        """
            section.keep(gd);
            const all = [];
            for (let i = 0; i < 2; i++) {
                section.whole(gd);
                all.push(seen());
                await Promise.resolve();
            }
            return all;
        """,
    )
    assert found[0][0] < 1 and found[0][1] > 40 and found[1] == [0, 10, 0, 5]


def test_the_nearest_point_and_those_in_a_lasso(blank) -> None:
    near, far, lasso, box = in_plot(
        blank,
        """
            const {nearest, within} = window.headscope;
            return [
                nearest(gd, {xvals: [1.08], yvals: [1.1]}), nearest(gd, {xvals: [6], yvals: [1]}),
                within(gd, {lassoPoints: {x: [0, 1.5, 1.5], y: [0, 0, 3]}}),
                within(gd, {range: {x: [1.5, 50], y: [0, 5]}}),
            ];
        """,
    )
    assert near == {"role": "key", "token": 0} and far is None
    assert lasso == [[0], [0]] and box == [[1], [1]]
