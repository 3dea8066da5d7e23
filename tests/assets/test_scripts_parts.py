"""What the page's scripts do with the parts of an encoder–decoder, in a tab without an app."""

from pages import call, sent
from test_scripts import DEFAULTS, FIELDS, SKIP, fit, run


def test_a_part_is_asked_for_and_left_with_its_model(blank) -> None:
    opened = run("demo-pairs", "pairs", keys=9)
    opened["model"]["part"] = "encoder"
    assert fit(blank, opened)[-1] == "encoder"
    assert call(blank, "pickPart", "encoder") == SKIP
    wanted = {"model": "demo-pairs", "text": "pairs", "linked": False, "part": "cross"}
    assert call(blank, "pickPart", "cross") == wanted == call(blank, "again", 1)
    opened["model"]["part"] = "cross"
    assert fit(blank, opened)[-1] == "cross"
    assert call(blank, "pick", "demo-pairs", "own-1") == wanted | {"text": "own-1"}
    fit(blank, opened)
    left = {"model": "minilm", "text": "prose", "linked": False}
    assert call(blank, "pick", "minilm", "pairs") == left
    fit(blank, run("minilm"))
    assert call(blank, "pickPart", "cross") == SKIP
    assert call(blank, "pick", "demo-pairs", "prose")["text"] == "pairs"
    fit(blank, run("minilm"))
    assert call(blank, "pick", "demo-pairs", "own-1")["text"] == "own-1"


def test_a_part_of_an_address_is_asked_for(blank) -> None:
    asked = call(blank, "readUrl", "?model=minilm&part=cross&role=key&token=8", DEFAULTS, FIELDS)
    assert asked["part"] == "cross"
    opened = run("minilm", tokens=5, keys=9)
    blank.evaluate("run => headscope.lost.tell(run)", opened)
    assert sent(blank)["error-toast"]["children"] == (
        "minilm has no part “cross”: its one stack of layers is shown."
    )


def test_a_part_that_there_is_not_is_told(blank) -> None:
    assert "part" not in call(blank, "readUrl", "?part=middle", DEFAULTS, FIELDS)
    blank.evaluate("run => headscope.lost.tell(run)", run())
    assert sent(blank)["error-toast"]["children"] == "“middle” is no choice under “Part”."
