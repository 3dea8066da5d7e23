"""Where a head is strongest, and texts of one sentence, on the page."""

from pages import (
    choose,
    link,
    query,
    run,
    show,
    until,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
)

from compute import texts
from compute.runs import attention
from compute.scores import strongest_passages
from compute.scores.strongest_passages import LARGEST


def listed(page) -> list[str]:
    return page.locator("#strongest li .head").all_inner_texts()


def test_a_list_leads_to_the_strongest_passages(page, server, small, stored):
    show(page, server, text=small, layer=1, head=2)
    data = stored(page)
    assert page.is_hidden("#strongest") and "strongest" not in query(page)
    choose(page, strongest_by="largest")
    found = strongest_passages.find(data, 1, 2, LARGEST)
    order = found.first(8)

    def is_shown(found):
        said = [f"Passage {p + 1} {found.value[p]:.2f} · " for p in found.first(8)]
        until(lambda: [all(map(str.startswith, listed(page), said)), len(listed(page))]
              == [True, len(said)], "the list", page)  # fmt: skip

    is_shown(found)
    wait_for_address(page, strongest="largest")
    page.locator("#strongest li button").nth(1).click()
    passage = int(order[1])
    wait_for_selection(page, token=int(found.query[passage]), other=int(found.key[passage]))
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 1, 2, passage))
    until(lambda: page.input_value("#passage-number") == str(passage + 1), "its number", page)
    choose(page, head_select="0")  # of another head it is another list
    is_shown(strongest_passages.find(data, 1, 0, LARGEST))
    choose(page, strongest_by="token")
    token = int(data.tokens.ids[found.query[passage]])
    is_shown(strongest_passages.find(data, 1, 0, token))
    page.locator("#strongest li button").first.click()
    until(lambda: link(page)["selection"]["role"] == "key", "the word as a key", page)
    choose(page, strongest_by="score")
    until(lambda: "stands out most by" in page.inner_text("#strongest"), "its score", page)
    page.locator("#strongest li button").first.press("Enter")
    first = int(listed(page)[0].split()[1])
    wait_for_address(page, passage=str(first))
    assert link(page)["selection"] is None
    page.reload()
    until(lambda: len(listed(page)) > 1, "the list again", page)
    choose(page, strongest_by="off")
    page.wait_for_selector("#strongest", state="hidden")
    until(lambda: "strongest" not in query(page), "an address without it", page)


def test_a_text_of_one_sentence_is_one_like_others(page, server, stored, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    name = texts.save_user(texts.from_user("The red bird 字 sings to the red bird."))
    show(page, server, text=name, strongest="score", passage="7")
    data = stored(page)
    assert run(page)["passages"] == 1
    until(lambda: page.inner_text("#passage-count") == "of 1", "the count", page)
    for control in ("passage-previous", "passage-number", "passage-next"):
        assert page.is_disabled(f"#{control}")
    until(lambda: "one passage, number 1" in page.inner_text("#copied"), "a sentence", page)
    assert "passage" not in query(page)
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 0, 0, 0))
    ordinary = int((~data.tokens.special).sum())
    until(lambda: "unknown" in page.inner_text("#run-state"), "the unknown token", page)
    assert f"1 of {ordinary} tokens ({100 / ordinary:.1f} %" in page.inner_text("#run-state")
    until(lambda: len(listed(page)) == 1, "the one passage", page)
    page.locator("body").press("]")
    page.locator("#passage .word").nth(2).click()
    wait_for_selection(page, token=2)
    wait_for_plot(page, "head-grid")
