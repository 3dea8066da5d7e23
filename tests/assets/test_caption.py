"""What saved pictures say of themselves: words from facts, and the sheet that they stand on."""

from xml.etree import ElementTree

import pytest

A = {
    "model": "MiniLM-L6",
    "identity": "0123456789abcdef",
    "text": "English prose",
    "size": "2,354 tokens in 76 passages",
    "head": "L0H2",
    "off": "",
}
STAMP = {"date": "2031-02-03", "version": "c0de"}


def caption(page, **facts) -> dict:
    return page.evaluate("facts => window.headscope.caption(facts)", facts | STAMP)


def test_a_caption_says_what_a_picture_is_of(blank) -> None:
    found = caption(
        blank,
        what="Joint query-key map",
        columns=[A],
        map="PCA, 2-D, c = 0.4",
        trust="Trust 0.92 (near means attended)",
        passage="Passage 12 of 76",
        colour="shared, 0 to 1",
        token="query “long”, token 40 of passage 12",
        notes=["A preview …", "", "Two lines\nof a note."],
    )
    assert found["title"] == "Joint query-key map of L0H2, MiniLM-L6"
    assert found["lines"] == [
        "Model MiniLM-L6 (identity 0123456789ab), text “English prose” (2,354 tokens in 76 "
        "passages), head L0H2.",
        "Map: PCA, 2-D, c = 0.4.",
        "Trust 0.92 (near means attended): of the attention that the nearest tenth of a query's "
        "passage could hold, the share it does hold, above chance.",
        "Passage 12 of 76.",
        "Colour: shared, 0 to 1.",
        "Selected: query “long”, token 40 of passage 12.",
        "A preview.",
        "Two lines.",
        "of a note.",
        "Saved 2031-02-03 with Headscope, code c0de.",
    ]


def test_what_a_picture_does_not_have_is_left_out(blank) -> None:
    found = caption(blank, what="Induction, all heads", columns=[{"model": "demo-gpt"}])
    assert found["title"] == "Induction, all heads, demo-gpt"
    assert found["lines"] == ["Model demo-gpt.", "Saved 2031-02-03 with Headscope, code c0de."]
    half = caption(blank, what="Map", columns=[A | {"precision": "bfloat16"}])
    assert half["lines"][0].startswith("Model MiniLM-L6 (identity 0123456789ab) in bfloat16, text")
    # A map that is not measured has no number, and no definition of one.
    untold = caption(blank, what="Map", columns=[A], trust="Trust (after the last step)")
    assert untold["lines"][1] == "Trust (after the last step)."


def test_two_columns_are_both_named(blank) -> None:
    what = "Attention of {A} minus attention of {B}"
    same = caption(blank, what=what, columns=[A, A | {"head": "L1H3"}])
    assert same["title"] == "Attention of L0H2 minus attention of L1H3, MiniLM-L6"
    off = A | {"off": "L0H0", "replaced": "mean"}
    other = caption(blank, what=what, columns=[A, off])
    assert other["title"] == (
        "Attention of L0H2 (MiniLM-L6 on “English prose”) minus attention of L0H2 "
        "(MiniLM-L6 on “English prose”, without L0H0 (replaced by mean))"
    )
    assert [line[:2] for line in other["lines"][:2]] == ["A:", "B:"]
    assert "without L0H0" in other["lines"][1]


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (["qk-map", "demo-bert", "Five lines", "L1H2"], "qk-map-demo-bert-Five-lines-L1H2.png"),
        (["a", "", "org/model: <x>", None], "a-org-model-x.png"),
        (["名前", "../../etc", "."], "名前-..-..-etc-..png"),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(blank, parts, name) -> None:
    found = blank.evaluate("parts => window.headscope.fileName(parts, 'png')", parts)
    assert found == name and not set(found) & set('/\\:*?"<>|')


def sheet(page, width=900, height=300, **more) -> dict:
    page.evaluate("() => document.documentElement.style.setProperty('--hs-panel', '#fff')")
    return page.evaluate(
        """([size, more]) => {
            const page = window.headscope.sheet(size, more), crop = {x: 10, y: 20, ...size};
            const {title} = more;
            return {...page, svg: window.headscope.svgOf(page, {title, inner: "<rect/>", crop})};
        }""",
        [{"width": width, "height": height}, {"title": "T"} | more],
    )


def texts(svg: str) -> list[str]:
    """Parse strictly, as programs do that are no browser."""
    return ["".join(t.itertext()) for t in ElementTree.fromstring(svg).findall(".//{*}text")]


def test_all_on_the_sheet_is_inside_it_and_whole(blank) -> None:
    line = "word " * 60 + "w" * 300
    ramp = {"ramp": [[0, "#fff"], [1, "#000"]], "ticks": [{"at": 0, "words": "0"}]}
    items = [{"words": "●", "colour": "#00f"}, {"words": "query " * 30}, ramp]
    axes = {"x": "key", "y": "query", "top": True}
    found = sheet(blank, 200, 150, lines=[line], items=items, axes=axes)
    assert found["width"] >= 420 and found["plot"]["width"] == 1.6 * 200
    root = ElementTree.fromstring(found["svg"])
    inner = root.find("{*}svg")
    assert inner.get("viewBox") == "10 20 200 150"
    said = texts(found["svg"])
    assert "".join(said).replace(" ", "").count("w" * 300) == 1  # cut into lines, nothing lost
    assert {"T", "key", "query", "0", "●"} <= set(said)
    boxes = blank.evaluate(
        """svg => {
            document.body.innerHTML = svg;
            const {right, bottom} = document.querySelector("svg").getBoundingClientRect();
            return [...document.querySelectorAll("svg text")].map(t => t.getBoundingClientRect())
                .filter(b => b.left < 0 || b.right > right + 1 || b.bottom > bottom).length;
        }""",
        found["svg"],
    )
    assert boxes == 0


def test_a_large_plot_is_neither_enlarged_nor_cut(blank) -> None:
    found = sheet(blank, 900, 300, lines=["Short."])
    assert found["plot"]["width"] == 900 and found["width"] == 900 + 28
    assert found["height"] < 300 + 100


def test_what_others_wrote_is_text_and_nothing_else(blank) -> None:
    bad = '</title><script>alert(1)</script>&"\x00\x08\ud800]]>'
    found = sheet(blank, title=bad, lines=[bad], items=[{"words": bad, "colour": '"><script>'}])
    root = ElementTree.fromstring(found["svg"])
    assert not root.findall(".//{*}script")
    assert "<script>alert(1)</script>" in root.find("{*}title").text
    shown = blank.evaluate(
        "bad => window.headscope.caption({what: bad, columns: [{model: bad}], date: ''}).title", bad
    )
    assert "<script>" in shown  # as words; the sheet escapes them
