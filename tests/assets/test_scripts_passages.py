"""Which passage is shown: by number, by keys, in the address; in a tab without an app."""

from pages import call, sent

from components.page import address

SKIP = "no update"
RUN = {"key": "demo-bert prose", "spec": "demo-bert", "text": "prose"}
SENT = {
    "run": "demo-bert prose",
    "strings": list("abcdef"),
    "special": [],
    "passage": [0, 0, 0, 1, 1, 2],
    "starts": [0, 3, 5, 6],
}


def open_text(page) -> None:
    page.evaluate("run => { window.headscope.run = run }", RUN)


def written(page, selection=None) -> str | None:
    """Write the address; return the passage that it names."""
    call(page, "writeAddress", RUN, selection, "heads", None, False, True, None, [])
    return page.evaluate("() => new URLSearchParams(location.search).get('passage')")


def press(page, key: str, where: str = "body") -> None:
    page.locator(where).press(key)


def said(page) -> str:
    return page.evaluate("() => { const c = copied; return c.hidden ? '' : c.textContent }")


def test_a_passage_is_chosen_by_its_number(blank) -> None:
    open_text(blank)
    near = [{"selection": {"data": {"role": "query", "token": None, "near": n}}} for n in (3, 5)]
    assert call(blank, "showPassage", None, SENT) == ["1", False, "of 3", True, False]
    assert call(blank, "typePassage", "1") is None and sent(blank) == {}  # that is shown
    call(blank, "typePassage", " 2 ")
    assert sent(blank) == near[0]
    press(blank, "]")  # from where it leads, though that is not drawn yet
    assert sent(blank) == near[1]
    press(blank, "]")
    assert sent(blank) == {}  # there is no next
    chosen = near[1]["selection"]["data"]
    assert call(blank, "showPassage", chosen, SENT) == ["3", SKIP, SKIP, False, True]
    for typed in ("0", "4", "-1", "1.5", "", "two"):
        call(blank, "typePassage", typed)
        assert sent(blank) == {"passage-number": {"value": "3"}}
        assert said(blank) == f"This text has passages 1 to 3; there is no passage “{typed}”."
    press(blank, "[", "#token-search")
    assert sent(blank) == {}
    assert written(blank, chosen) == "3"
    assert written(blank, {"role": "key", "token": 5}) is None
    one = SENT | {"passage": [0, 0], "starts": [0, 2]}
    assert call(blank, "showPassage", None, one) == ["1", True, "of 1", True, SKIP]


def test_escape_leaves_the_token_and_then_the_passage(blank) -> None:
    open_text(blank)
    call(blank, "showPassage", {"role": "key", "token": 4}, SENT)
    press(blank, "Escape")
    assert sent(blank) == {"selection": {"data": {"role": "query", "token": None, "near": 3}}}
    press(blank, "Escape")
    assert sent(blank) == {"selection": {"data": None}}


def test_an_address_names_a_passage_until_its_text_is_there(blank) -> None:
    call(blank, "readUrl", "?passage=2", {"model": "demo-bert", "text": "prose"}, [])
    sent(blank)
    open_text(blank)
    assert written(blank) == "2"
    call(blank, "showPassage", None, SENT)
    assert sent(blank) == {"selection": {"data": {"role": "query", "token": None, "near": 3}}}


def test_a_token_of_an_added_sentence_is_not_called_missing(blank) -> None:
    search = "?model=demo-bert&text=prose&token=1240&sentence=Red+birds"
    defaults, fields = {"model": "minilm", "text": "prose"}, address.stores()[0].data
    call(blank, "readUrl", search, defaults, fields)
    assert sent(blank)["selection"] == {"data": {"role": "query", "token": 1240}}
    blank.evaluate("run => headscope.lost.tell(run)", RUN | {"tokens": 1234, "model": {}})
    assert "error-toast" not in sent(blank)


def test_what_is_selected_while_a_sentence_is_read_ends_the_wish_for_it(blank) -> None:
    """The first input that Dash names need not be the selection, though that is new too."""
    open_text(blank)
    wishes = blank.evaluate(
        """sent => {
            const {showPassage} = dash_clientside.headscope, {passages, run} = headscope;
            const before = {role: "query", token: 1}, after = {role: "query", token: 1};
            dash_clientside.callback_context.triggered = [{prop_id: "tokens-ghost.data"}];
            showPassage(before, sent, null, run, "");
            passages.openSentence(before);
            return [before, null, after].map(selection => {
                showPassage(selection, sent, null, run, "Red birds");
                return passages.inAddress(null);
            });
        }""",
        SENT,
    )
    assert wishes == ["4", "4", None]
