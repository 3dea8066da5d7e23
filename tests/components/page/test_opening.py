"""Texts of one's own, and models that cannot be opened, as the callbacks answer."""

import base64

import pytest
from stored import random_cross, random_run

from components.forms import opened
from components.forms.form import Form
from components.page import opening
from compute import texts
from compute.errors import HeadscopeError
from compute.jobs.opening import describe

OPTIONS = [{"value": name, "label": name} for name in ("prose", "own")]


@pytest.fixture(autouse=True)
def told(cache, monkeypatch) -> list[str]:
    """What is said in the toast."""
    said = []
    monkeypatch.setattr(opening, "show_problem", said.append)
    return said


def use(pasted: str | None = None, uploaded: bytes | None = None, by="auto") -> tuple:
    file = uploaded is not None and f"data:text/plain;base64,{base64.b64encode(uploaded).decode()}"
    return opening.use_text(1, pasted, file or None, by, OPTIONS)


def test_pasted_text_is_kept_and_chosen(told) -> None:
    options, name, dialog, file = use("Fish swim.\nBirds fly and sing.")
    assert name.startswith("own-") and dialog is False and file is None and told == []
    assert texts.load(name).passages == ("Fish swim.", "Birds fly and sing.")
    label = {"value": name, "label": "Your text (2 passages)"}
    assert options == [OPTIONS[0], label, OPTIONS[1]]
    assert use("One.")[0][1]["label"] == "Your text (1 passage)"


def test_a_file_goes_before_what_is_pasted() -> None:
    _, name, *_ = use("Not this.", "Ein Vogel singt.\nÜber den Bäumen.".encode())
    assert texts.load(name).passages == ("Ein Vogel singt.", "Über den Bäumen.")
    said = opening.show_file("data:text/plain;base64,QUJD", "notes.txt")
    assert said == "notes.txt, 3 bytes. It is used instead of pasted text."
    assert opening.show_file(None, None) == opening.FILE_PROMPT


def test_paragraphs() -> None:
    _, name, *_ = use("Fish swim\nin water.\n\nBirds fly.")
    assert len(texts.load(name).passages) == 2
    _, name, *_ = use("Fish swim\nin water.\n\nBirds fly.", by="line")
    assert len(texts.load(name).passages) == 3


def test_targets_in_a_field_of_their_own_or_behind_tabs_of_a_file(told) -> None:
    read = opening.use_text(1, "Fish swim.\nBirds fly.", None, "auto", OPTIONS, "fische\n\n")
    assert read[0][1]["label"] == "Your text (2 pairs)"
    assert texts.load(read[1]).targets == ("fische", "")
    file = "data:;base64," + base64.b64encode(b"Fish\tfische\nBirds\t").decode()
    read = opening.use_text(1, None, file, "auto", OPTIONS, " ", "mine.TSV")
    assert read[0][1]["label"] == "mine.TSV (2 pairs)"
    assert texts.load(read[1]).targets == ("fische", "")
    opening.use_text(1, "Fish swim.", None, "auto", OPTIONS, "one\ntwo")
    assert told == [
        "The number of targets is 2, that of passages 1: give one line for each passage, empty "
        "where the model shall write it."
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pasted": ""}, "There is no text in it."),
        ({"pasted": "   \n\n  "}, "There is no text in it."),
        ({"uploaded": bytes(range(256)) * 4}, "This is not plain text."),
        ({"uploaded": b"word " * 210_000}, "longer than 1,000,000 characters"),
    ],
)
def test_texts_that_cannot_be_used_change_nothing(told, given, said) -> None:
    assert {type(each).__name__ for each in use(**given)} == {"NoUpdate"}
    assert len(told) == 1 and said in told[0]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("nobody/has-such-a-model", "nobody/has-such-a-model is not on this machine"),
        ("/no/such/folder", "/no/such/folder"),
        ("not a name!", "not a name!"),
    ],
)
def test_a_bad_model_name_is_told_in_a_sentence(spec, said) -> None:
    with pytest.raises(HeadscopeError) as error:
        opening.open_run(lambda state: None, {"model": spec, "text": "prose"})
    assert said in str(error.value) and "Traceback" not in str(error.value)
    assert "Error" not in str(error.value)


def test_a_text_that_is_gone_is_told() -> None:
    asked = {"model": "demo-bert", "text": "own-000000000000000000000000"}
    with pytest.raises(HeadscopeError, match="not kept here any more"):
        opening.open_run(lambda state: None, asked)


def test_tokens_are_sent_as_they_are() -> None:
    run = random_run()
    found = opening.send_tokens({"key": run.key})
    assert (found["run"], found["strings"]) == (run.key, run.tokens.strings)
    assert found["special"] == [12 * p for p in range(6)]
    assert found["starts"] == run.tokens.starts.tolist()
    assert found["keys"] is None


def test_in_cross_attention_both_sides_are_sent_and_counted() -> None:
    run = random_cross()
    found = opening.send_tokens({"key": run.key})
    assert (len(found["strings"]), len(found["keys"]["strings"])) == (6 * 9, 6 * 12)
    assert found["keys"]["starts"] == [12 * p for p in range(7)]
    told = describe(run, "made", "prose") | {"part": "cross"}
    assert (told["tokens"], told["keys"], told["passages"]) == (54, 72, 6)
    form = Form(opened.Run)
    form.check(told, "run")
    for wrong in ({"keys": 54}, {"part": "middle"}):
        with pytest.raises(HeadscopeError):
            form.check(told | wrong, "run")
