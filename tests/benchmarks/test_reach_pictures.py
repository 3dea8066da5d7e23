"""The table of families of pictures: exact, refused in a sentence, and wrong ones are seen."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from reaching import families, picture_table, table
from reaching.families import Case


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_the_families_that_are_asked_for_have_a_row():
    names = {case.family for case in families.cases(*families.PICTURES)}
    asked = {"vit", "deit", "dinov2", "dinov2_with_registers", "dinov3_vit", "beit", "ijepa"}
    assert asked | {"clip_vision_model", "siglip_vision_model", "vit_mae"} <= names


@pytest.mark.parametrize(
    "family, before", [("dinov3_vit", 5), ("beit", 1), ("vit_mae", 1), ("siglip_vision_model", 0)]
)
def test_a_family_is_exact_with_its_own_tokens(family, before, place):
    found = picture_table.row(Case(family, "picture"), place)
    assert found.outcome == "exact" and 0 < found.difference <= table.BAR
    assert found.shape == f"3 × 4 (4) × 8, 4 × 4 after {before}" and found.ablation == "works"
    assert not list(place.glob(f"{family}*"))


@pytest.mark.parametrize("family", ["segformer", "radio"])
def test_windows_and_stages_are_refused_in_a_sentence(family, place):
    found = picture_table.row(Case(family, "picture"), place)
    assert found.outcome == "refused" and "windows" in found.why
    assert not table.is_fault(found)


def test_wrong_attention_is_called_wrong(place, monkeypatch):
    right = picture_table.ours.attentions

    def other_head_first(run):
        return [[layer[::-1] for layer in layers] for layers in right(run)]

    monkeypatch.setattr(picture_table.ours, "attentions", other_head_first)
    found = picture_table.row(Case("vit", "picture"), place)
    assert found.outcome == "wrong" and found.difference > 0.1 and table.is_fault(found)
