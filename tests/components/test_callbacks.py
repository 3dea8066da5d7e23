"""The callbacks as a whole."""

from collections import Counter

import pytest
from drawn import inside, wired

from components.page import layout, lazy_mount
from components.page.stages import STAGES

MADE_BY_CALLBACKS = {"lab-table", "link-open", "link-decline"}  # parts of what a callback draws


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """Every callback as Dash keeps it."""
    return wired(tmp_path_factory.mktemp("cache"))._callback_list


@pytest.fixture(scope="module")
def places() -> dict[str, str]:
    """The stage that each id belongs to; "" for what is on the page from the beginning."""
    page = layout.page({"model": "a"}, "light")
    found = dict.fromkeys(_ids(page), "")
    kept = next(c for c in inside(page) if getattr(c, "id", None) == "later").data
    for name, content in kept["stages"].items():
        found |= dict.fromkeys(_ids(content), name)
    for content in kept["second"].values():
        found |= dict.fromkeys(_ids(content), "second")
    return found


def _ids(shown: object) -> list[str]:
    return [each.id for each in inside(shown) if isinstance(getattr(each, "id", None), str)]


def _outputs(entry: dict) -> list[str]:
    output = entry["output"]
    named = output[2:-2].split("...") if output.startswith("..") else [output]
    return [each.partition(".")[0] for each in named if "." in each]


def test_no_callback_displaces_another(entries: list[dict]) -> None:
    """Dash names a callback without outputs by its inputs alone; of two equal ones one is lost."""
    known = Counter(entry["output"] for entry in entries)
    assert len(known) > 50
    twice = [e["inputs"] for e in entries if known[e["output"]] > 1]
    assert twice == []


def test_callbacks_name_what_the_page_has(entries: list[dict], places: dict[str, str]) -> None:
    """Dash itself can't look: stages are made late."""
    named = {each["id"] for e in entries for each in [*e["inputs"], *e["state"]]}
    named |= {each for e in entries for each in _outputs(e)}
    assert len(named) > 200
    assert named - set(places) == MADE_BY_CALLBACKS


def test_callbacks_do_without_stages_that_are_not_there(
    entries: list[dict], places: dict[str, str]
) -> None:
    """One that runs before a stage is made must not need anything of it, nor write there."""
    needing, seen = [], 0
    for entry in entries:
        read = [*entry["inputs"], *entry["state"]]
        needed = [each["id"] for each in read if not each.get("allow_optional")]
        stage = {places.get(id, "") for id in needed} - {""}
        seen += bool(stage)
        # Then it runs only when the stage is there: all that it writes is in it, or all inputs.
        writes = {places.get(id, "") for id in _outputs(entry)}
        starts = {places.get(each["id"], "") for each in entry["inputs"]}
        if len(writes) > 1 or (stage and stage not in (writes, starts)):
            needing.append((_outputs(entry), sorted(stage)))
    assert seen > 50
    assert needing == []


def test_another_head_or_token_runs_no_more_callbacks_than_it_must(entries: list[dict]) -> None:
    """Each costs milliseconds, whatever it does: Dash asks every part of the page after it.

    Each stage may have one that tells it of the head while it is shown.
    """
    read = [{f"{each['id']}.{each['property']}" for each in e["inputs"]} for e in entries]
    assert sum("head-select.value" in each for each in read) <= 9 + len(STAGES)
    assert sum("selection.data" in each for each in read) <= 6
    assert not any(place.endswith(".figure") for each in read for place in each)


def test_stages_and_the_second_column_are_made_later(places: dict[str, str]) -> None:
    assert set(places.values()) == {"", *lazy_mount.PLACES, "second"}
