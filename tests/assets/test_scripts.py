"""What the scripts of the page do by themselves, in a tab without an app."""

import pytest
from pages import call, sent

from components.page import address

SKIP = "no update"
FIELDS = address.stores()[0].data
DEFAULTS = {"model": "minilm", "text": "prose"}
MODELS, TEXTS = (
    [{"value": value, "label": value.title()} for value in values]
    for values in (("demo-bert", "demo-gpt", "minilm", "other"), ("prose", "grammar", "own"))
)


def run(spec="demo-bert", text="prose", layers=3, heads=4, **more) -> dict:
    model = dict(name=spec, layers=layers, heads=heads, kv_heads=heads, note="", weights=True)
    found = {"key": f"{spec} {text}", "spec": spec, "text": text, "title": text.title()}
    return found | {"tokens": 1234, "passages": 2, "notes": [], "model": model} | more


def fit(page, opened: dict, layer="0", head="0") -> list:
    """Open a run as the page does."""
    return call(page, "fit", opened, MODELS, TEXTS, layer, head)


def press(page, key: str, where: str = "body") -> None:
    page.locator(where).press(key)


def said(page) -> str:
    return page.evaluate("() => { const c = copied; return c.hidden ? '' : c.textContent }")


# What is opened, and the address


def test_an_address_is_read_into_controls(blank) -> None:
    search = "?model=demo-bert&text=grammar&layer=77&head=x&map=biplot&labels=1&hide=0&find=red"
    search += "&steps=NaN&stage=nowhere&role=key&token=5&other=7"
    asked = call(blank, "readUrl", search, DEFAULTS, FIELDS)
    assert asked == {"model": "demo-bert", "text": "grammar", "linked": False}
    found = sent(blank)
    assert found["layer-select"] == {"value": "77"} and found["head-select"] == {"value": "x"}
    assert found["labels"] == {"value": True} and found["token-search"] == {"value": "red"}
    assert found["selection"] == {"data": {"role": "key", "token": 5, "other": 7}}
    assert not {"hide-special", "steps-input", "stage-select", "dims-select"} & set(found)
    assert call(blank, "readUrl", search, DEFAULTS, FIELDS) == SKIP  # it is read once
    blank.evaluate("run => headscope.lost.tell(run)", run() | {"tokens": 5})
    assert sent(blank)["error-toast"]["children"] == (
        "There is no stage “nowhere”. demo-bert has no layer 77: L2 is shown. "
        "demo-bert has no head x: H0 is shown. This text has no token 5: none is selected."
    )


def test_a_head_that_is_not_there_gives_way_to_the_nearest(blank) -> None:
    _, layers, layer, heads, head, *_ = fit(blank, run(), "77", "x")
    assert (layer, head) == ("2", "0") and (len(layers), len(heads)) == (3, 4)
    assert fit(blank, run("minilm"), "5", "11")[2:5:2] == ["2", "3"]
    models = fit(blank, run("/my/model", "own-1"))[5:]
    assert models[0][-2:] == [{"value": "/my/model", "label": "/my/model"}, MODELS[-1]]
    assert models[1] == "/my/model" and models[3] == "own-1"
    assert models[2][-2] == {"value": "own-1", "label": "Own-1"}


def test_another_run_ends_the_selection(blank) -> None:
    fit(blank, run())
    fit(blank, run())
    assert sent(blank) == {}
    fit(blank, run(text="grammar"))
    assert sent(blank) == {"selection": {"data": None}}


def write(page, selection=None, shown="heads", fields=None, of_b=(None, False, True, None)):
    """Write the address and return what it says."""
    values = [(fields or {}).get(field["name"]) for field in FIELDS]
    call(page, "writeAddress", run(), selection, shown, *of_b, *values, FIELDS)
    return page.evaluate("() => Object.fromEntries(new URLSearchParams(location.search))")


def test_the_address_says_what_is_shown(blank) -> None:
    call(blank, "readUrl", "", DEFAULTS, FIELDS)
    here = {"layer": "1", "labels": True, "hide": False, "find": "", "layerb": "2"}
    found = write(blank, {"role": "query", "token": 0, "other": 7}, fields=here)
    assert found == {
        "model": "demo-bert", "text": "prose", "layer": "1", "labels": "1",
        "role": "query", "token": "0", "other": "7",
    }  # fmt: skip
    assert write(blank, fields=here | {"compare": True})["layerb"] == "2"
    assert "token" not in write(blank)
    assert write(blank, of_b=(None, True, False, None))["b-align"] == "0"


def test_a_choice_asks_for_what_it_says_or_opens_a_dialog(blank) -> None:
    assert call(blank, "pick", "demo-gpt", "prose") == SKIP  # nothing was asked for yet
    fit(blank, run())
    assert call(blank, "pick", "demo-bert", "prose") == SKIP
    for model, text, dialog in (("other", "prose", "model"), ("demo-bert", "own", "text")):
        assert call(blank, "pick", model, text) == SKIP
        now = run()["spec" if dialog == "model" else "text"]
        wanted = {f"{dialog}-dialog": {"is_open": True}, f"{dialog}-select": {"value": now}}
        assert sent(blank) == wanted
    asked = call(blank, "pick", "demo-gpt", "prose")
    assert asked == {"model": "demo-gpt", "text": "prose", "linked": False}
    assert sent(blank) == {"error-toast": {"is_open": False}}
    assert call(blank, "typed", 1, None, "  ") == SKIP
    assert "Type the id of a model" in blank.inner_text("#model-dialog-problem")
    assert sent(blank) == {}  # the dialog stays open
    assert call(blank, "typed", 1, None, " /a/b ")["model"] == "/a/b"
    for spec, meant in (
        ('"/a/my model"', "/a/my model"),
        ("'c/d'", "c/d"),
        ("https://huggingface.co/e/f.1-g", "e/f.1-g"),
        ("huggingface.co/gpt2/tree/main", "gpt2"),
        ("https://elsewhere.org/e/f", "https://elsewhere.org/e/f"),
        ("h/i:x.gguf", "h/i:x.gguf"),
        ("it's/a'", "it's/a'"),
    ):
        assert call(blank, "typed", 1, None, spec)["model"] == meant
    assert sent(blank)["model-dialog"] == {"is_open": False}


def test_after_a_failure_the_selectors_say_what_is_open(blank) -> None:
    call(blank, "readUrl", "?model=demo-bert&text=grammar", DEFAULTS, FIELDS)
    call(blank, "revert", True)
    assert blank.is_visible("#nothing") and not blank.is_visible("#main")
    told = blank.inner_text("#nothing-what")
    assert told == "“demo-bert” could not be opened with “Grammar”."
    assert call(blank, "again", 1) == {"model": "demo-bert", "text": "grammar", "linked": False}
    assert call(blank, "instead", 1, DEFAULTS) == DEFAULTS | {"linked": False}
    assert blank.is_visible("#main") and not blank.is_visible("#nothing")
    fit(blank, run())
    call(blank, "pick", "minilm", "prose")
    sent(blank)
    call(blank, "revert", True)
    wanted = {"model-select": {"value": "demo-bert"}, "text-select": {"value": "prose"}}
    assert sent(blank) == wanted and blank.is_visible("#main")


def test_the_top_bar_says_what_is_open(blank) -> None:
    opened = run("minilm", layers=6, heads=12, notes=["1 passage was longer than 9 tokens."])
    opened["model"] |= {"kv_heads": 2, "note": "Made here."}
    facts, notes = (each["props"] for each in call(blank, "state", opened))
    assert facts["children"] == "6 × 12 heads, 2 key-value heads · 1,234 tokens in 2 passages"
    assert notes["children"] == "1 passage was longer than 9 tokens. Made here."
    facts, _ = (each["props"] for each in call(blank, "state", run(tokens=9, passages=1)))
    assert facts["children"] == "3 × 4 heads · 9 tokens in 1 passage"
    assert facts["title"] == facts["children"]  # it may be cut
    opened["model"]["dtype"] = "bfloat16"
    facts, _ = (each["props"] for each in call(blank, "state", opened))
    assert facts["children"].startswith("6 × 12 heads, 2 key-value heads · bfloat16 · 1,234 tokens")
    opened["model"]["dtype"] = "float32"
    facts, _ = (each["props"] for each in call(blank, "state", opened))
    assert "float32" not in facts["children"]
    assert call(blank, "state", None) == ""
    sent_tokens = {"run": opened["key"], "strings": ["a"] * 120, "special": list(range(20))}
    facts, notes = (
        each["props"] for each in call(blank, "state", opened, sent_tokens | {"unknown": 2})
    )
    assert facts["children"][1]["props"]["children"] == "2.0 % unknown"
    assert notes["children"].startswith(
        "2 of 100 tokens (2.0 %, special ones left out) are unknown to this model: "
    )
    for other in (sent_tokens | {"unknown": 1}, sent_tokens | {"unknown": 9, "run": "another"}):
        facts, notes = (each["props"] for each in call(blank, "state", opened, other))
        assert "unknown" not in facts["children"] + notes["children"]


# Tokens


def tokens(words: str, ends: tuple[int, ...] = ()) -> dict:
    """Tokens of a text as the page has them; `ends` are where further passages begin."""
    strings = words.split()
    starts = [0, *ends, len(strings)]
    passage = [sum(i >= start for start in starts[1:-1]) for i in range(len(strings))]
    return {"run": "a", "strings": strings, "passage": passage, "starts": starts, "special": []}


@pytest.mark.parametrize(
    ("wanted", "told", "hits"),
    [
        ("the", "2 found", [0, 4]),
        (" THE ", "2 found", [0, 4]),
        ("sings", "1 found, in pieces", [2, 3]),
        ("bir", "2 contain it", [1, 5]),
        ("zebra", "0 found", []),
        ("", "", []),
    ],
)
def test_search(blank, wanted, told, hits) -> None:
    text = tokens("the bird sing ##s The birds ##s", ends=(4,))
    assert call(blank, "search", wanted, text, None) == told
    assert blank.evaluate("() => window.headscope.state.hits") == {"query": hits, "key": hits}


def test_pieces_of_a_word_do_not_cross_passages(blank) -> None:
    assert call(blank, "search", "sings", tokens("a sing ##s", ends=(2,)), None) == "0 found"
    text = tokens("·the ·sing s ·sing ·s")  # the first of these words alone goes on
    assert call(blank, "search", "sings", text, None) == "1 found, in pieces"


def test_the_passage_in_words(blank) -> None:
    """Words are text whatever they hold; each is shaded, named and reached by keys."""
    text = tokens("a <img/src=x> &b </b> d e", ends=(4,))
    link = {"selection": None, "weights": None, "start": 0, "count": 4}
    call(blank, "showLinks", link, text)
    words = blank.locator("#passage .word")
    assert words.all_inner_texts() == text["strings"][:4]
    assert blank.locator("#passage img, #passage b").count() == 0
    assert "Click a token here" in blank.inner_text("#passage .note")
    chosen = {"role": "query", "token": 2, "other": 1}
    link |= {"selection": chosen, "weights": [0, 0.25, 0.5, 0.9], "shades": [0, 0.25, 1, 0.9]}
    link |= {"grey": [False, False, False, True], "inks": ["#f0f0f0", "#808080", "#003000"]}
    call(blank, "showLinks", link | {"greys": ["#ffffff", "#000000"]}, text)
    looks = "all => all.map(w => [w.className, w.dataset.role, w.title])"
    assert words.evaluate_all(looks)[1:3] == [
        ["word paired", "key", "attention 0.250"],
        ["word chosen", "query", "attention 0.500"],
    ]
    inks = "all => all.map(w => [w.style.backgroundColor, w.style.color])"
    assert words.evaluate_all(inks) == [
        ["", ""],
        ["rgb(184, 184, 184)", "rgb(0, 0, 0)"],  # a quarter of the way: between the first two
        ["rgb(0, 48, 0)", "rgb(255, 255, 255)"],
        ["rgb(26, 26, 26)", "rgb(255, 255, 255)"],  # a sink has its own colours
    ]
    assert words.evaluate_all("all => all.map(w => w.tabIndex)") == [-1, -1, 0, -1]
    said = (
        "Shaded in the colours of the heatmap: where the marked token looks; most at “</b>”: 0.900."
    )
    assert blank.inner_text("#passage .note") == said
    tiny = {"weights": [0, 0.00008, 0.00004, 0], "shades": [0, 0, 0, 0], "greys": ["#fff"] * 2}
    call(blank, "showLinks", link | tiny, text)
    assert blank.inner_text("#passage .note").endswith("most at “<img/src=x>”: below 0.0001.")
    assert {ink for ink, _ in words.evaluate_all(inks)} == {""}, "next to nothing looks like it"
    role = {"selection": chosen | {"role": "key"}}
    call(blank, "showLinks", link | role | {"greys": ["#ffffff", "#000000"]}, text)
    assert words.evaluate_all(looks)[1][:2] == ["word paired", "query"]
    assert "which tokens look at" in blank.inner_text("#passage .note")
    words.nth(1).click()
    assert sent(blank) == {"selection": {"data": {"role": "query", "token": 1}}}


def test_the_words_are_walked_by_keyboard(blank) -> None:
    """Whoever has no mouse selects a token by its word; arrows there leave the head alone."""
    fit(blank, run())
    link = {"selection": None, "weights": None, "start": 0, "count": 4}
    call(blank, "showLinks", link, tokens("a b c d"))
    words = blank.locator("#passage .word")
    assert words.evaluate_all("all => all.filter(w => w.tabIndex === 0).length") == 1
    words.nth(0).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
        blank.keyboard.press(key)
    assert sent(blank) == {"selection": {"data": {"role": "query", "token": 2}}}


def test_the_lines_are_the_strongest_and_the_pair_that_was_clicked(blank) -> None:
    link = {"selection": {"token": 3, "other": 4}, "weights": [0.5, 0.01, 0.3, 0.19], "start": 3}
    found = "link => window.headscope.strongest(link)"
    assert blank.evaluate(found, link) == [[0.5, 3], [0.3, 5], [0.19, 6], [0.01, 4]]
    call(blank, "showLines", 2, 0.4)
    assert blank.evaluate(found, link) == [[0.5, 3], [0.01, 4]]
    call(blank, "showLines", None, None)
    assert len(blank.evaluate(found, link)) == 4


# Keys, and what cannot be


def test_arrow_keys_walk_round_the_ends(blank) -> None:
    press(blank, "ArrowRight")
    assert sent(blank) == {}  # nothing is open
    fit(blank, run())
    for key, id, value in (
        ("ArrowRight", "head-select", "1"),
        ("ArrowLeft", "head-select", "3"),
        ("ArrowDown", "layer-select", "1"),
        ("ArrowUp", "layer-select", "2"),
        ("Shift+ArrowUp", "layer-select", "2"),  # there is no B
    ):
        press(blank, key)
        assert sent(blank) == {id: {"value": value}}
    call(blank, "compare", True)
    press(blank, "Shift+ArrowLeft")
    assert sent(blank) == {"head-select-b": {"value": "3"}}
    press(blank, "Escape")
    assert sent(blank) == {"selection": {"data": None}}
    press(blank, "Control+ArrowLeft")
    press(blank, "ArrowLeft", "#token-search")  # there it moves the cursor only
    assert sent(blank) == {}


def test_slash_leads_to_the_search(blank) -> None:
    press(blank, "/")
    blank.keyboard.type("cat/")
    assert blank.input_value("#token-search") == "cat/"


def test_numbers_that_are_not_possible_are_told(blank) -> None:
    for field, value, told in (
        ("steps-input", "-5", "“Steps” must be a whole number of 1 or more."),
        ("lines-least", "7", "“Lines, from” must be a number from 0 to 1."),
    ):
        blank.fill(f"#{field}", value)
        press(blank, "Tab", f"#{field}")
        assert said(blank) == told
        blank.fill(f"#{field}", "")
        press(blank, "Tab", f"#{field}")
        assert said(blank) == ""


def test_buttons_say_that_nothing_is_open_yet(blank) -> None:
    blank.evaluate("() => addEventListener('click', e => { window.heard = e.target.id })")
    for button in ("patterns-find", "save-map-csv"):
        blank.click(f"#{button}")
        assert "still being opened" in said(blank)
    blank.click("#map-more")  # only leads somewhere
    assert blank.evaluate("() => window.heard") == "map-more"
    blank.evaluate("() => { nothing.hidden = false; window.heard = '' }")
    blank.click("#patterns-find")
    assert "Choose a model and a text first." in said(blank)
    fit(blank, run())
    blank.click("#patterns-find")
    assert blank.evaluate("() => window.heard") == "patterns-find"


# Drawing


def test_a_pen_that_writes_svg_escapes_what_it_writes(blank) -> None:
    written = blank.evaluate(
        """() => {
            const pen = new window.headscope.SvgPen();
            pen.save(); pen.beginPath(); pen.rect(0, 0, 9.999, 5); pen.clip();
            pen.fillText('<b>"&', 1, 2); pen.setLineDash([3, 4]);
            pen.beginPath(); pen.moveTo(0, 0); pen.lineTo(1, 1.005); pen.stroke(); pen.restore();
            return pen.parts.join("");
        }"""
    )
    assert "&lt;b&gt;&quot;&amp;</text>" in written and "<b>" not in written
    assert 'stroke-dasharray="3 4"' in written and written.endswith("</g>")
    count = "text => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('*')"
    assert blank.evaluate(f"text => ({count})(text).length", f"<svg>{written}</svg>") == 6


def test_names_stand_where_there_is_room(blank) -> None:
    made = """apart => window.headscope.every({tickfont: {size: 10}, d2p: v => v * apart})"""
    assert [blank.evaluate(made, apart) for apart in (0.5, 6, -6, 12)] == [23, 2, 2, 1]
