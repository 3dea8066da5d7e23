"""What runs once for several changes, and what comes late; in a tab without an app."""

from pages import call, sent

SKIP = "no update"
VIEW = {"run": "a", "layer": 1, "head": 2}
STRANGE = "somebody/else"

# A plot of head L0H1 in a graph, as Dash makes it.
PLOT = """() => {
    const graph = document.createElement("div");
    Object.assign(graph, {id: "qk-map", className: "dash-graph"});
    const gd = graph.appendChild(document.createElement("div"));
    Object.assign(gd, {data: [], layout: {meta: {head: "L0H1", run: "a"}}});
    document.body.append(graph);
    const model = {name: "m", identity: "m"};
    window.headscope.run = {key: "a", model, tokens: 1, passages: 1, title: "t", text: "t"};
    window.gd = gd;
}"""
DRAWN = """head => {
    document.getElementById("layer-select").value = "0";
    document.getElementById("head-select").value = String(head);
    gd.data = [];
    headscope.stale.mark(["qk-map"], true);
    headscope.stale.drawn(gd);
    return document.getElementById("qk-map").hasAttribute("data-stale");
}"""


def runs_for(page, *changed: str) -> None:
    """Let the next callback run for some changes, in this order."""
    page.evaluate(
        "all => { dash_clientside.callback_context.triggered = all.map(prop_id => ({prop_id})) }",
        list(changed),
    )


def test_a_button_is_heard_beside_another_change(blank) -> None:
    runs_for(blank, "scale-view.data")
    assert call(blank, "scaleMethods", None, None, VIEW)["tsne"] is False
    runs_for(blank, "scale-view.data", "scale-methods-tsne.n_clicks")
    assert call(blank, "scaleMethods", None, 1, VIEW)["tsne"] is True


def test_no_model_of_a_link_is_opened_without_a_click(blank) -> None:
    blank.evaluate(
        """spec => {
            window.gone = [];
            headscope.strangers.pass(spec, () => gone.push("opened"), () => gone.push("left"));
        }""",
        STRANGE,
    )
    call(blank, "linkKnown", {"names": [STRANGE], "strange": [STRANGE]})
    gone = lambda: blank.evaluate("() => gone")  # noqa: E731
    for changed in (["link-dialog.is_open"], ["link-dialog.is_open", "link-open.n_clicks"]):
        runs_for(blank, *changed)
        call(blank, "linkDecide", None, None, True)
        assert gone() == [], "the button was made, not pressed"
    sent(blank)
    runs_for(blank, "link-dialog.is_open", "link-open.n_clicks")
    call(blank, "linkDecide", 1, None, True)
    assert gone() == ["opened"] and sent(blank)["link-dialog"] == {"is_open": False}


def test_a_figure_of_the_head_before_stays_pale(blank) -> None:
    blank.evaluate(PLOT)
    assert blank.evaluate(DRAWN, 1) is False  # it is of the open head
    assert blank.evaluate(DRAWN, 2) is True  # the next one is on its way


def test_a_plot_that_is_drawn_again_for_other_reasons_stays_pale(blank) -> None:
    blank.evaluate(PLOT)
    assert blank.evaluate(DRAWN, 1) is False
    blank.evaluate("() => { headscope.stale.mark(['qk-map'], true); headscope.stale.drawn(gd); }")
    assert blank.evaluate("() => document.getElementById('qk-map').hasAttribute('data-stale')")
