"""What a dossier gathers, and the page that it becomes."""

import html.parser
import re
from dataclasses import replace

import numpy as np
import patterns as made
import pytest
from patterns import CLS, HOSTILE, SEP, cross_run, hostile_run, random_run, shifted

from compute.command_line import app
from compute.errors import HeadscopeError
from compute.maps import projection
from compute.scores import aggregate, heads
from compute.take_away import dossier
from compute.take_away.charts import shade
from compute.take_away.dossier_page import page
from compute.take_away.markup import Markup, tag


class Reader(html.parser.HTMLParser):
    """Collects elements, their attributes and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, name: str, attributes: list) -> None:
        self.elements.append((name, dict(attributes)))
        if name not in ("meta", "br"):
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_text_is_escaped_unless_it_is_markup() -> None:
    assert tag("b", "<i>&", Markup("<u></u>")) == "<b>&lt;i&gt;&amp;<u></u></b>"
    assert tag("a", 1, class_='x"y', text_anchor=None) == '<a class="x&quot;y">1</a>'
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert tag("p", tag("b", "<")) == "<p><b>&lt;</b></p>"


def test_the_page_holds_what_was_gathered_and_nothing_that_runs() -> None:
    run = hostile_run()
    found = dossier.gather(run, 1, 2)
    text = page(found)
    reader = read(text)
    names = {name for name, _ in reader.elements}
    assert not names & {"script", "img", "b", "i", "u", "s", "link", "iframe", "a"}
    assert not any(
        a.startswith("on") or a in ("href", "src") for _, at in reader.elements for a in at
    )
    assert not re.search(r"https?:|url\(|@import", text)
    words = "".join(reader.words)
    for hostile in (
        *HOSTILE[:4],
        "<u>model</u>",
        "<i>note</i>",
        "<script>t()</script>",
        "<s>x</s>",
    ):
        assert hostile in words
    mean = found.scores.of("self").mean[1, 2]
    assert f"{mean:.3f}" in words
    assert f"{found.trust.score:.2f}" in words
    assert all(version in words for version in found.versions.values())
    assert run.model.identity in words
    dots = [at for name, at in reader.elements if at.get("class") == "dots"]
    assert [int(at["data-points"]) for at in dots] == [len(run.tokens)] * 2
    assert [at["d"].count("h0") for at in dots] == [len(run.tokens)] * 2


def test_gathering_is_kept_and_gives_the_same_page() -> None:
    run, _ = random_run(lengths=(12, 14, 9))
    seen = []
    first = dossier.gather(run, 0, 1, lambda done, total: seen.append((done, total)))
    assert seen == [(i, 6) for i in range(1, 7)]
    assert heads.SCORES.has(heads.key(run.key))
    assert aggregate.AVERAGES.has(aggregate.key(run.key))
    assert projection.MAPS.has(projection.key(run.key, 0, 1, "attention"))
    assert page(dossier.gather(run, 0, 1)) == page(first)
    some = replace(run, key="0" * 24, held=(0,))
    with pytest.raises(HeadscopeError, match="looks at all layers, and"):
        dossier.gather(some, 0, 1)
    assert not heads.SCORES.has(heads.key(some.key)), "before anything was computed"
    with pytest.raises(HeadscopeError, match="no head L0H9"):
        dossier.gather(run, 0, 9)


def test_the_command_writes_a_dossier_of_one_head(tmp_path, capsys) -> None:
    text, file = tmp_path / "two.txt", tmp_path / "head.html"
    lines = ["A red bird sings to a red bird in the rain (and the wind).", "One two. One two."]
    text.write_text("\n".join(lines * 2), encoding="utf-8")
    asked = ["dossier", "--model", "demo-gpt", "--text-file", str(text), "--out", str(file)]
    for head, told in (("L9H9", "has no head L9H9"), ("L1", "A dossier is of one head")):
        assert app.main([*asked, "--head", head]) == 2
        assert told in capsys.readouterr().err and not file.exists()
    assert app.main([*asked, "--head", "L1H2"]) == 0
    words = "".join(read(file.read_text(encoding="utf-8")).words)
    assert "Head L1H2 of demo-gpt on “two.txt”" in words
    assert re.search(r"From every \) to its \(", words)
    assert str(tmp_path) not in words


def test_telling_passages_are_those_that_position_does_not_explain() -> None:
    ids = [[CLS, *range(10 * p, 10 * p + 8), SEP] for p in range(1, 7)]
    back = [shifted(10, -1) for _ in ids]
    back[4] = np.eye(10)[[0, 8, 7, 6, 5, 4, 3, 2, 1, 9]]  # the fifth mirrors itself
    run = made.run(ids, [a[None, None] for a in back], False, {CLS, SEP})
    found = dossier.telling(run, aggregate.of(run), 0, 0)
    assert len(found) == 3
    assert found[0].number == 4
    assert found[0].beyond > 0.5 > 3 * found[1].beyond
    assert found[0].attention == pytest.approx(back[4], abs=1e-6)
    assert found[0].tokens == run.tokens.strings[40:50]


def test_long_passages_are_cut_only_where_there_are_no_short_ones() -> None:
    run, _ = random_run(lengths=(60, 12, 50, 70))
    found = dossier.telling(run, aggregate.of(run), 0, 0)
    assert found[0].number == 1
    assert [len(p.tokens) for p in found] == [12, 40, 40]
    assert found[1].attention.shape == (40, 40)
    tiny, _ = random_run(lengths=(4, 3))
    assert [p.lengths[0] for p in dossier.telling(tiny, aggregate.of(tiny), 0, 0)] == [4, 3]


def test_places_among_all_heads() -> None:
    m, ids = 12, [[CLS, *range(10, 20), SEP], [CLS, *range(30, 40), SEP]]
    rows = np.array([[shifted(m, o) for o in (0, -1, 2)]])
    run = made.run(ids, [rows, rows], False, {CLS, SEP})
    found = dossier.gather(run, 0, 1)
    assert found.place("previous") == 1
    assert found.place("self") == 2
    assert found.place("duplicate") == 0  # no token stands twice
    rule = next(rule for rule in found.rules if rule.name == "previous")
    assert (rule.place, rule.row.head, rule.baseline) == (1, 1, "uniform")
    assert {rule.name for rule in found.rules} <= {"previous", "first"}  # no other pairs here
    assert "first by “previous token”" in page(found)


def test_shades_run_from_light_to_dark() -> None:
    assert shade(0) == "#f3f6f8"
    assert shade(1) == shade(2) == "#063a42"
    light = [sum(int(shade(v)[i : i + 2], 16) for i in (1, 3, 5)) for v in np.linspace(0, 1, 20)]
    assert light == sorted(light, reverse=True)


def test_a_head_of_cross_attention_has_rows_of_the_target_and_columns_of_the_source() -> None:
    run = cross_run()
    text = page(found := dossier.gather(run, 0, 1))
    assert found.layout.q.shape == (12, 2) and found.layout.k.shape == (11, 2)
    passage = found.passages[0]
    assert passage.attention.shape == (len(passage.tokens), len(passage.keys)) == passage.lengths
    words = "".join(read(text).words)
    assert "12 tokens of targets and 11 of sources" in words
    assert "target 7 tokens, source 6 tokens" in words
    assert "Token that comes next" in words and "Previous token" not in words
    assert "made by hand (cross)" in words
