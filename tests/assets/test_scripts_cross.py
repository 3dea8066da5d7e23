"""Cross-attention in the scripts: queries of one text, keys of another; in a tab without an app."""

from pages import call, sent


def side(words: str, end: int) -> dict:
    """Tokens of one text as the page has them, in two passages."""
    strings = words.split()
    passage = [int(i >= end) for i in range(len(strings))]
    return {"strings": strings, "passage": passage, "starts": [0, end, len(strings)], "special": []}


def cross() -> dict:
    """Tokens of two passages of cross-attention."""
    return side("a b c the sing", 3) | {"run": "a", "keys": side("the cat sing ##s the cat", 4)}


def test_search_finds_in_both_texts_of_cross_attention(blank) -> None:
    found = call(blank, "search", "the", cross(), None)
    assert found == "queries: 1 found; keys: 2 found"
    assert blank.evaluate("() => window.headscope.state.hits") == {"query": [3], "key": [0, 4]}
    found = call(blank, "search", "sings", cross(), None)
    assert found == "queries: 0 found; keys: 1 found, in pieces"
    assert call(blank, "search", "", cross(), None) == ""


def test_cross_attention_in_two_lines_of_words(blank) -> None:
    """The line of the other role is shaded; a click selects in the role of its line."""
    chosen = {"role": "query", "token": 4, "other": 5}
    link = {"selection": chosen, "weights": [0.75, 0.25], "shades": [1, 0.25], "whole": False}
    link |= {"start": 3, "count": 2, "keys": {"start": 4, "count": 2}, "grey": [False] * 2}
    link |= {"inks": ["#ffffff", "#000000"], "greys": ["#ffffff", "#000000"]}
    call(blank, "showLinks", link, cross())
    lines = blank.locator("#passage .words")
    shown = "all => all.map(w => [w.textContent, w.className, w.dataset.role, w.title])"
    assert lines.nth(0).locator(".word").evaluate_all(shown) == [
        ["the", "word", "key", ""],
        ["sing", "word chosen", "query", ""],
    ]
    keys = [
        ["the", "word", "key", "attention 0.750"],
        ["cat", "word paired", "key", "attention 0.250"],
    ]
    assert lines.nth(1).locator(".word").evaluate_all(shown) == keys
    inks = "all => all.map(w => w.style.backgroundColor)"
    assert lines.nth(0).locator(".word").evaluate_all(inks) == ["", ""]
    assert lines.nth(1).locator(".word").evaluate_all(inks) == [
        "rgb(0, 0, 0)",
        "rgb(191, 191, 191)",
    ]
    assert blank.inner_text("#passage .note").endswith("most at “the”: 0.750.")
    labels = lines.evaluate_all("all => all.map(line => line.getAttribute('aria-label'))")
    assert labels == ["Decoder, queries:", "Encoder, keys:"]
    lines.nth(1).locator(".word").nth(1).click()
    assert sent(blank) == {"selection": {"data": {"role": "key", "token": 5}}}
    role = {"selection": {"role": "key", "token": 5, "other": None}, "weights": [0.1, 0.25]}
    call(blank, "showLinks", link | role, cross())
    assert lines.nth(0).locator(".word").evaluate_all(shown)[1][3] == "attention 0.250"
    assert lines.nth(1).locator(".word").evaluate_all(shown)[1][1:3] == ["word chosen", "key"]
    assert blank.inner_text("#passage .note").endswith("most at “sing”: 0.250.")
    call(
        blank,
        "showLinks",
        {"selection": None, "weights": None, "start": 0, "count": 2},
        side("a b", 1),
    )
    assert lines.nth(1).is_hidden() and blank.locator("#passage .word").count() == 2
    assert lines.nth(0).get_attribute("aria-label") is None


def test_a_passage_is_that_of_the_role_s_own_text(blank) -> None:
    for role, token, number in (("query", 3, "2"), ("key", 3, "1"), ("key", 5, "2")):
        chosen = {"role": role, "token": token}
        assert call(blank, "showPassage", chosen, cross(), None, None)[0] in (number, "no update")
        assert sent(blank) == {}
        blank.keyboard.press("]" if number == "1" else "[")
        near = {"1": 3, "2": 0}[number]  # passages are opened by their first query
        assert sent(blank) == {
            "selection": {"data": {"role": "query", "token": None, "near": near}}
        }
    call(
        blank,
        "showPassage",
        {"role": "query", "token": 5},
        cross() | {"run": "b"},
        None,
        {"key": "b"},
    )
    assert sent(blank) == {"selection": {"data": None}}, "there is no sixth query"


def test_lines_lead_to_the_other_text(blank) -> None:
    link = {"selection": {"role": "query", "token": 4, "other": 4}, "weights": [0.9, 0.01, 0.3]}
    link |= {"start": 3, "keys": {"start": 4, "count": 3}}
    strongest = "link => window.headscope.strongest(link)"
    assert blank.evaluate(strongest, link) == [[0.9, 4], [0.3, 6]]
    link["selection"] = {"role": "key", "token": 4, "other": 4}
    assert blank.evaluate(strongest, link) == [[0.9, 3], [0.3, 5], [0.01, 4]]


def test_a_sentence_follows_the_last_passage_of_either_text(blank) -> None:
    """In the part that has read it, and not in another one."""
    run = {"key": "a", "model": {"identity": "i", "part": "cross"}}
    own = {"run": "own", "identity": "i", "part": "cross"} | side("x y", 2) | {"starts": [0, 2]}
    own["keys"] = side("v w z", 3) | {"starts": [0, 3]}
    longer = """([tokens, run, own]) => {
        const {sentence} = window.headscope;
        sentence.take(own);
        const {strings, passage, starts, keys, own: first} = sentence.withSentence(tokens, run);
        return [strings.slice(5), passage.slice(5), starts, first,
            keys.strings.slice(6), keys.passage.slice(6), keys.starts, keys.own];
    }"""
    assert blank.evaluate(longer, [cross(), run, own]) == [
        *(["x", "y"], [2, 2], [0, 3, 5, 7], 2),
        *(["v", "w", "z"], [2, 2, 2], [0, 4, 6, 9], 2),
    ]
    found = blank.evaluate(longer, [cross(), run, own | {"part": "decoder"}])
    assert found == [[], [], [0, 3, 5], None, [], [], [0, 4, 6], None]
