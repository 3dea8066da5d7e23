"""What the scripts know of column B: which run it shows, and which tokens belong together."""

import pytest
from pages import call, sent

SKIP = "no update"
HEAD = ("1", "2", "2", "3")  # layer and head of A, of B
NOTHING = {"model": "", "text": "", "off": "", "method": "zero"}
OPTIONS = [{"value": value, "label": value} for value in ("demo-bert", "grammar", "own", "other")]


def run(spec="demo-bert", text="prose", layers=3, heads=4, **more) -> dict:
    model = {"name": spec, "identity": spec, "layers": layers, "heads": heads, "weights": True}
    found = {"key": f"{spec} {text}", "spec": spec, "text": text, "title": text.title()}
    return found | {"model": model} | more


A, ABLATED = run(), run(key="ablated", off="L0H0", method="zero")
SMALL, OTHER = run("demo-gpt", layers=2, heads=3), run(text="grammar")
WISHES = {  # what the dialog asks for, so that B shows them
    "ablated": NOTHING | {"off": "L0H0"},
    SMALL["key"]: NOTHING | {"model": "demo-gpt"},
    OTHER["key"]: NOTHING | {"text": "grammar"},
}
# The second token of A is two of B; B's last has no counterpart.
MATCHED = {
    "run": SMALL["key"], "a": A["key"], "of_a": [0, 1, 3, -1], "of_b": [0, 1, 1, 2, -1],
    "passage": [0, 0, 0, 0, 1], "starts": [0, 4, 5],
}  # fmt: skip
APART = MATCHED | {"run": OTHER["key"], "of_a": None, "of_b": None}


def open_a(page) -> None:
    page.evaluate("run => { window.headscope.run = run }", A)
    state = {"strings": list("abcd"), "passage": [0, 0, 0, 1], "starts": [0, 3, 4]}
    call(page, "showTokens", state)


def open_b(page, b: dict, tokens: dict | None = None, head=HEAD) -> list:
    """Let B show a run of its own; return what is then said of its heads."""
    open_a(page)
    asked, _ = call(page, "secondAsk", A, WISHES[b["key"]])
    wanted = {"model": b["spec"], "text": b["text"], "off": b.get("off", ""), "method": "zero"}
    assert asked == wanted | {"linked": False}
    assert call(page, "secondFit", b) == [b, b]
    heads = call(page, "secondHeads", A, b, *head)
    if tokens:
        show(page, b, (*head[:2], heads[1], heads[3]), tokens=tokens)
    sent(page)
    return heads


def show(page, b, head=HEAD, on=True, align=True, tokens=None, fitted=None, kept=(None,) * 3):
    found = call(page, "secondShow", A, b, on, *head, align, tokens, fitted, False, *kept)
    names = ("side", "other", "over", "a", "b", "note", "button", "base", "back", "align")
    return dict(zip(names, found, strict=True))


def test_b_follows_a_where_nothing_else_is_wished_for(blank) -> None:
    open_a(blank)
    assert call(blank, "secondAsk", A, None) == [SKIP, None]
    assert call(blank, "secondAsk", A, NOTHING | {"model": "demo-bert"}) == [SKIP, None]
    options, layer, _, head = call(blank, "secondHeads", A, None, *HEAD)
    assert (layer, head, len(options)) == ("2", "3", 3)
    found = show(blank, None)
    other = {"run": A, "layer": 1, "head": 2}
    assert found["side"] == {"run": A, "layer": 2, "head": 3} and found["other"] == other
    assert found["over"] == other | {"fitted": None}
    assert (found["a"], found["b"]) == ("demo-bert on Prose", "the same model and text")
    assert found["button"].startswith("Another model") and found["back"] and not found["align"]
    assert found["base"]  # hidden: this model is no adapter

    kept = (found["side"], found["other"], found["over"])
    assert {show(blank, None, kept=kept)[name] for name in ("side", "other", "over")} == {SKIP}
    assert show(blank, None, align=False, kept=kept)["over"] is None
    apart = show(blank, None, on=False, kept=kept)  # not compared any more
    assert [apart[name] for name in ("side", "other", "over")] == [None] * 3


def test_an_adapter_is_offered_beside_its_base(blank) -> None:
    open_a(blank)
    adapter = A | {"model": A["model"] | {"base": "demo-bert"}}
    blank.evaluate("run => { window.headscope.run = run }", adapter)
    call(blank, "secondHeads", adapter, None, *HEAD)
    found = call(
        blank, "secondShow", adapter, None, True, *HEAD, True, None, None, False, *(None,) * 3
    )
    assert found[7] is False


def test_a_head_before_and_after_ablation_is_the_same_head(blank) -> None:
    heads = open_b(blank, ABLATED)
    assert (heads[1], heads[3]) == ("1", "2")
    tokens = MATCHED | {"run": "ablated"}
    assert show(blank, ABLATED, ("1", "2", "1", "2"), tokens=tokens)["button"] == "Change …"
    assert call(blank, "secondAsk", A, WISHES["ablated"]) == [SKIP, SKIP]
    assert call(blank, "secondRuns", A, ABLATED, None) == {"a": A["key"], "b": "ablated"}
    said = "([run, b]) => window.headscope.addressOfB(run, b, true, true, null)"
    assert blank.evaluate(said, [A, ABLATED]) == {"b-off": "L0H0", "b-method": "zero"}


def test_a_head_that_b_does_not_have(blank) -> None:
    heads = open_b(blank, SMALL, head=("1", "2", "5", "7"))
    assert (heads[1], heads[3]) == ("1", "2") and len(heads[0]) == 2
    at = ("1", "2", "1", "2")
    assert show(blank, SMALL, at)["note"] == "demo-gpt has no head L5H7; this is L1H2."
    found = show(blank, SMALL, ("1", "2", "2", "3"))  # put there in the grid of A's heads
    assert set(found.values()) == {SKIP} and sent(blank) == {"b-wish": {"data": None}}
    call(blank, "secondAsk", A, None)
    call(blank, "secondHeads", A, None, "1", "2", "2", "3")
    found = show(blank, None)
    assert found["note"] == "demo-gpt has no head L2H3, so B went back to demo-bert."


def test_a_token_and_its_counterpart(blank) -> None:
    open_b(blank, SMALL, MATCHED)
    pick = "([side, selection]) => window.headscope.pick(side, selection)"
    chosen = {"role": "query", "token": 3}
    blank.evaluate(pick, ["-b", chosen])
    there = {"role": "query", "token": 2}
    assert sent(blank) == {
        "selection-b": {"data": chosen | {"run": SMALL["key"]}},
        "selection": {"data": there},
    }
    blank.evaluate(pick, ["-b", {"role": "key", "token": 4}])  # it has none
    assert set(sent(blank)) == {"selection-b"}
    blank.evaluate(pick, ["", there])
    assert sent(blank) == {"selection": {"data": there}}
    side = {"run": SMALL}
    assert call(blank, "secondSelect", there | {"other": 0}, MATCHED, side, None) == (
        chosen | {"other": 0}
    )
    lost = {"role": "query", "token": 3}  # the passage is shown, and no token
    found = call(blank, "secondSelect", lost, MATCHED, side, None)
    assert found == {"role": "query", "token": None, "near": 4}
    passage = {"role": "query", "token": None, "near": 3}  # it was chosen, and no token
    assert call(blank, "secondSelect", passage, MATCHED, side, None) == passage | {"near": 4}
    assert call(blank, "secondSelect", there, MATCHED, None, None) == SKIP


@pytest.mark.parametrize(("side", "marks"), [("", [2]), ("-b", [3])])
def test_what_is_hovered_is_marked_in_both(blank, side, marks) -> None:
    open_b(blank, SMALL, MATCHED)
    hover = "([marks, side]) => window.headscope.hover(marks, side)"
    marked = "side => window.headscope.marksOf(side).map(mark => mark.token)"
    other = "" if side else "-b"
    blank.evaluate(hover, [[{"role": "query", "token": marks[0]}], side])
    assert blank.evaluate(marked, side) == marks
    assert blank.evaluate(marked, other) == [5 - marks[0]]
    blank.evaluate(hover, [[{"role": "query", "token": 4 if side else 3}], side])
    assert blank.evaluate(marked, other) == []
    blank.evaluate(hover, [None, ""])
    assert blank.evaluate(marked, side) == []


def test_of_two_texts_each_has_a_selection_of_its_own(blank) -> None:
    open_b(blank, OTHER, APART)
    found = show(blank, OTHER, tokens=APART, kept=(None, None, A))
    assert found["over"] is None and found["align"] and found["b"] == "demo-bert on Grammar"
    chosen, side = {"role": "query", "token": 3}, {"run": OTHER}
    blank.evaluate("chosen => window.headscope.pick('-b', chosen)", chosen)
    own = chosen | {"run": OTHER["key"]}
    assert sent(blank) == {"selection-b": {"data": own}}
    assert call(blank, "secondSelect", {"role": "query", "token": 1}, APART, side, own) == SKIP
    address = "([run, b, s]) => window.headscope.addressOfB(run, b, true, false, s)"
    assert blank.evaluate(address, [A, OTHER, own]) == {
        "b-text": "grammar", "b-role": "query", "b-token": 3, "b-align": "0",
    }  # fmt: skip
    blank.evaluate("run => { window.headscope.run = run }", OTHER)  # A opens B's text
    assert call(blank, "secondAsk", OTHER, WISHES[OTHER["key"]]) == [SKIP, None]


def test_an_address_is_kept_until_its_run_is_open(blank) -> None:
    search = "?compare=1&layerb=1&headb=2&b-model=demo-gpt&b-token=3&b-role=key&b-align=0"
    assert call(blank, "secondRead", search) is False
    wish = {"model": "demo-gpt", "text": "", "off": "", "method": "zero", "linked": False}
    assert sent(blank) == {"b-wish": {"data": wish}}
    open_a(blank)
    call(blank, "secondAsk", A, wish)
    assert call(blank, "secondHeads", A, None, "0", "0", "0", "0") == [SKIP] * 4
    asked = "run => window.headscope.addressOfB(run, null, true, true, null)"
    assert blank.evaluate(asked, A) is None
    call(blank, "secondFit", SMALL)
    heads = call(blank, "secondHeads", A, SMALL, "0", "0", "0", "0")
    assert (heads[1], heads[3]) == ("1", "2")
    show(blank, SMALL, ("0", "0", "1", "2"), tokens=APART | {"run": SMALL["key"]})
    found = call(blank, "secondSelect", None, APART | {"run": SMALL["key"]}, {"run": SMALL}, None)
    assert found == {"role": "key", "token": 3, "run": SMALL["key"]}
    assert call(blank, "secondRead", "?b-model=demo-gpt") is True  # no two are compared
    assert sent(blank) == {}


def test_after_a_failure_b_shows_what_it_showed(blank) -> None:
    open_b(blank, ABLATED)
    call(blank, "secondAsk", A, NOTHING | {"off": "L7H0"})
    failed = "[{prop_id: 'error-toast.is_open'}]"
    blank.evaluate(f"() => {{ dash_clientside.callback_context.triggered = {failed} }}")
    call(blank, "secondRevert", True)
    assert sent(blank) == {"b-wish": {"data": WISHES["ablated"]}}
    call(blank, "secondRevert", True)  # the message is of something else
    assert sent(blank) == {}
    kept = call(blank, "secondOpen", 1, OPTIONS, OPTIONS, WISHES["ablated"])
    assert kept[6] == "L7H0"  # what was typed is there to be mended


def test_the_dialog_offers_what_a_has_and_says_what_is_wished_for(blank) -> None:
    open_a(blank)
    found = call(blank, "secondOpen", 1, OPTIONS, OPTIONS, None)
    assert found[1][0]["label"] == "the same as A (demo-bert)"
    assert "other" not in [each["value"] for each in found[1]]
    assert found[3:] == ["same", "", "same", "", "zero"]
    now = {"model": "/my/model", "text": "grammar", "off": "L0", "method": "mean"}
    found = call(blank, "secondOpen", 1, OPTIONS, OPTIONS, now)
    assert found[3:] == ["same", "/my/model", "grammar", "L0", "mean"]
    assert call(blank, "secondUse", 1, *found[3:]) == now
    assert set(sent(blank)) == {"b-dialog", "error-toast"}
    for off, said in (
        ("L0H0, H1", "“H1” names no head."),
        ("L9H9", "demo-bert has no L9H9: its layers are 0 to 2, its heads 0 to 3."),
        ("L3", "demo-bert has no L3:"),
    ):
        assert call(blank, "secondUse", 1, "same", "", "same", off, "zero") == SKIP
        assert said in blank.inner_text("#b-dialog-problem")
        assert sent(blank) == {}  # the dialog stays as it is
    other = call(blank, "secondUse", 1, "same", "/my/model", "same", "L9H9", "zero")
    assert other["off"] == "L9H9"  # nobody knows yet what heads that model has
    sent(blank)
    assert call(blank, "secondUse", 1, "same", "", "same", "", "zero") is None
    assert call(blank, "secondSame", 1) is None and call(blank, "secondSame", None) == SKIP


def test_b_reads_an_added_sentence_with_its_own_model(blank) -> None:
    open_b(blank, SMALL, MATCHED, ("1", "2", "1", "2"))
    asked = {"model": A["spec"], "text": "own-1"}
    wanted = {"model": "demo-gpt", "text": "own-1", "off": "", "method": "zero"}
    without = wanted | {"model": A["spec"], "off": "L0H0"}
    for b, before, then in (
        (SMALL, None, wanted),
        (ABLATED, wanted, without),
        (OTHER, without, None),  # A's model has read it
        (SMALL | {"model": SMALL["model"] | {"weights": False}}, wanted, None),  # none reads it
    ):
        call(blank, "ghostWantedB", asked, b, before)
        assert sent(blank) == {"ghost-b": {"data": None}, "ghost-b-asked": {"data": then}}
        call(blank, "ghostWantedB", asked, b, then)
        assert sent(blank) == {}
    rest = {"passage": [0, 0], "starts": [0, 2], "special": []}
    own = rest | {"run": "s", "identity": A["spec"], "strings": ["x", "y"]}
    chosen, side = {"role": "key", "token": 5}, {"run": SMALL}
    tokens = {"special": [], "strings": list("abcd"), "run": A["key"]}
    call(blank, "showTokens", tokens | {"passage": [0, 0, 0, 1], "starts": [0, 3, 4]})
    blank.evaluate("() => { headscope.run.tokens = 4; headscope.runB.tokens = 5 }")
    blank.evaluate("() => document.getElementById('main').classList.add('comparing')")
    matched = MATCHED | {"strings": list("abbcd"), "special": []}
    call(blank, "showSelection", chosen)
    assert call(blank, "showSentence", own, None, None) is False
    assert call(blank, "secondSelect", chosen, matched, side, None) is None
    assert sent(blank)["b-note"] == {"children": "Your sentence is not read in B yet."}
    b = rest | {"run": "t", "identity": SMALL["spec"], "strings": ["x", "y", "z"]}
    b |= {"passage": [0, 0, 0], "starts": [0, 3], "of_a": [0, 2], "of_b": [0, -1, 1]}
    call(blank, "showSentence", own, b, None)
    found = {"data": {"role": "key", "token": 7}}
    assert sent(blank) == {"b-note": {"children": ""}, "selection-b": found}
    near = {"role": "query", "token": None, "near": 4}
    assert call(blank, "secondSelect", near, matched, side, None) == near | {"near": 5}
    # the button that takes it away stays while another text is opened
    hidden = [call(blank, "showSentence", None, None, it) for it in ({"sentence": "x y"}, None)]
    assert hidden == [False, True]


def test_both_columns_are_told_where_one_scale_needs_them(blank) -> None:
    other, side, token = {"layer": 0}, {"layer": 1}, {"role": "query", "token": 3}
    both = {"columns": [other, side], "selections": [token, None]}

    def told(kind, without, a=other, b=side):
        """What the server is told now; SKIP if it knows."""
        blank.evaluate("() => { window.sent.length = 0 }")
        call(blank, "heatBoth", kind, without, a, b, None)
        found = blank.evaluate("() => window.sent")
        return found[0][1]["data"] if found else SKIP

    call(blank, "showSelection", token)
    for needed, other_one in (("clip", "one"), ("one", "row")):
        assert told(needed, True) == both
        assert told(needed, True) == SKIP  # that is known
        assert told(other_one, other_one == "row") is None, "the same whatever is beside"
        assert told("log", False) == SKIP
    assert told("log", True) == both
    call(blank, "showSelection", None)  # told without being asked
    assert blank.evaluate("() => window.sent.at(-1)")[1]["data"] == both | {
        "selections": [None] * 2
    }
    assert told("clip", False, None, None) is None  # none is compared any more
