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
    opened = run("minilm", tokens=9, keys=9)
    blank.evaluate("run => headscope.lost.tell(run)", opened)
    assert sent(blank)["error-toast"]["children"] == (
        "minilm has no part “cross”: its one stack of layers is shown."
    )


def test_a_part_that_there_is_not_is_told(blank) -> None:
    assert "part" not in call(blank, "readUrl", "?part=middle", DEFAULTS, FIELDS)
    blank.evaluate("run => headscope.lost.tell(run)", run())
    assert sent(blank)["error-toast"]["children"] == "“middle” is no choice under “Part”."


def part(name: str, **more) -> dict:
    """A run of a part of demo-pairs."""
    count = 3 if name == "encoder" else 2
    found = run("demo-pairs", "pairs", key=name, tokens=count, keys=3, **more)
    found["model"] = found["model"] | {"part": name}
    return found


def b_asks(page, a: dict, wish: dict | None) -> object:
    return call(page, "secondAsk", a, wish)[0]


def test_b_shows_another_part_and_the_address_says_so(blank) -> None:
    cross, encoder = part("cross"), part("encoder")
    fit(blank, cross)
    assert b_asks(blank, cross, None) == SKIP  # B follows A
    wish = call(blank, "secondPart", "encoder")
    assert wish == {"model": "", "text": "", "off": "", "method": "zero", "part": "encoder"}
    wanted = {"model": "demo-pairs", "text": "pairs", "off": "", "method": "zero", "linked": False}
    assert b_asks(blank, cross, wish) == wanted
    assert call(blank, "secondFit", encoder) == [encoder, encoder]
    call(blank, "secondHeads", cross, encoder, "1", "2", "0", "0")
    said = "([run, b]) => window.headscope.addressOfB(run, b, true, true, null)"
    assert blank.evaluate(said, [cross, encoder]) == {"partb": "encoder"}
    assert call(blank, "secondPart", "encoder") == SKIP
    assert call(blank, "secondPart", "decoder")["part"] == "decoder"
    assert call(blank, "secondPart", "cross") is None  # as A
    refused = call(blank, "secondUse", 1, "same", "", "same", "L0H0", "zero")
    assert refused == SKIP
    assert "has an encoder and a decoder" in blank.inner_text("#b-dialog-problem")
    kept = call(blank, "secondUse", 1, "same", "", "own-1", "", "zero")
    assert (kept["text"], kept["part"]) == ("own-1", "encoder")
    assert "part" not in call(blank, "secondUse", 1, "minilm", "", "same", "", "zero")
    minilm = run("minilm", "pairs")
    fit(blank, minilm)
    assert b_asks(blank, minilm, wish) == SKIP  # without parts there is nothing but A


def test_the_encoders_tokens_are_keys_of_the_cross_attention(blank) -> None:
    cross, encoder = part("cross"), part("encoder")
    fit(blank, cross)
    source = {"strings": list("xyz"), "passage": [0, 0, 1], "starts": [0, 2, 3], "special": []}
    target = {"strings": list("ab"), "passage": [0, 1], "starts": [0, 1, 2], "special": []}
    call(blank, "showTokens", target | {"run": "cross", "keys": source})
    blank.evaluate("run => { headscope.runB = run }", encoder)
    ways = [
        {"key": {"role": "key", "tokens": [0, 1, 2]}},
        {role: {"role": "key", "tokens": [0, 1, 2]} for role in ("query", "key")},
    ]
    of_b = source | {"run": "encoder", "a": "cross", "of_a": None, "of_b": None, "ways": ways}
    blank.evaluate("tokens => { headscope.state.tokensB = tokens }", of_b)
    carried = "([chosen, from, to]) => headscope.carried(chosen, from, to)"

    def there(role, token, other=None, back=False) -> dict:
        chosen = {"role": role, "token": token, "other": other}
        return blank.evaluate(carried, [chosen, *(("-b", "") if back else ("", "-b"))])

    assert there("key", 2, 1) == {"role": "key", "token": 2}
    assert there("query", 1) == {"role": "query", "token": None, "near": 2}  # its passage
    assert there("query", 1, 0, back=True) == {"role": "key", "token": 1}
    assert there("key", 2, back=True) == {"role": "key", "token": 2}
    marks = "side => headscope.marksOf(side)"
    blank.evaluate("mark => { headscope.hover([mark], '-b') }", {"role": "query", "token": 1})
    assert blank.evaluate(marks, "") == [{"role": "key", "token": 1}]
    assert blank.evaluate(marks, "-b") == [{"role": "query", "token": 1}]
    assert not blank.evaluate("() => headscope.sameHeads()")  # the grids show another part


def test_a_part_is_named_with_its_model_and_its_tokens_with_their_text(blank) -> None:
    named = "run => [headscope.modelNamed(run), headscope.sizeOf(run)]"
    assert blank.evaluate(named, part("cross")) == [
        "demo-pairs, cross-attention",
        "2 target → 3 source tokens in 2 passages",
    ]
    assert blank.evaluate(named, part("decoder"))[1] == "2 target tokens in 2 passages"
    assert blank.evaluate(named, run()) == ["demo-bert", "1,234 tokens in 2 passages"]
