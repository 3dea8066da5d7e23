"""demo-vit: its start, its measures, two steps of its training, and what the shipped one does."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoImageProcessor, AutoModelForImageClassification

from training.vit import drawing, measure, pictures, start
from training.vit.drawing import GRID
from training.vit.measure import look, share, wanted
from training.vit.scenes import CLASSES, EMPTY, ROW, Scenes, draw_scenes
from training.vit.train import Questions, batch_losses, save, train

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "data" / "models" / "demo-vit"
SET = ROOT / "data" / "pictures" / "twins"


def test_first_heads_start_by_looking_along_row_and_column_and_no_others() -> None:
    scores = measure.on_scenes(start.untrained(seed=3))
    assert scores.shares["row"][0, 0] > 0.5 and scores.shares["column"][0, 1] > 0.5
    for name, own in (("row", 0), ("column", 1)):
        others = scores.shares[name].copy()
        others[0, own] = 0
        assert others.max() < 0.2
    assert scores.right < 0.4


def test_scores_of_attention_made_by_hand() -> None:
    kinds = np.full((1, 64), EMPTY)
    kinds[0, [8, 11, 30]] = [4, 4, 9]  # the twins are in row 1
    pairs = wanted(Scenes(kinds, np.array([[8, 11]]), np.array([ROW])))
    even = np.full((1, 1, 1, 65, 65), 1 / 65)
    expected = {"row": 7, "column": 7, "twin": 1, "objects": 3, "twins": 2}
    expected |= dict.fromkeys(measure.NEIGHBOURS, 1)
    assert {name: share(even, mask)[0, 0] * 65 for name, mask in pairs.items()} == pytest.approx(
        expected
    )
    left = np.zeros((1, 1, 1, 65, 65))
    left[0, 0, 0, np.arange(1, 65), np.maximum(np.arange(65)[:-1], 1)] = 1  # one place before
    assert share(left, pairs["left"])[0, 0] == 1
    assert share(left, pairs["right"])[0, 0] == share(left, pairs["above"])[0, 0] == 0
    assert share(left, pairs["row"])[0, 0] == pytest.approx(56 / 64)  # not at a row's begin
    to_twin = np.zeros((1, 1, 1, 65, 65))
    to_twin[..., 9, 12] = to_twin[..., 12, 9] = to_twin[..., 0, 31] = 1
    assert share(to_twin, pairs["twin"])[0, 0] == share(to_twin, pairs["objects"])[0, 0] == 1
    assert share(to_twin, pairs["twins"])[0, 0] == 0


def test_losses_of_one_batch_fall_with_their_gradient() -> None:
    rng = np.random.default_rng(0)
    drawn = draw_scenes(rng, 8)
    model, questions = start.untrained(seed=0), Questions()
    optimizer = torch.optim.Adam([*model.parameters(), *questions.parameters()], lr=1e-3)
    images, sums = drawing.draw(drawn.kinds, rng), []
    for _ in range(8):
        losses = batch_losses(model, questions, drawn, images)
        optimizer.zero_grad()
        sum(losses).backward()
        optimizer.step()
        sums.append([loss.item() for loss in losses])
    assert (np.array(sums[-1]) < sums[0]).all()


def test_two_steps_and_back_from_disk(tmp_path: Path) -> None:
    lines: list[str] = []
    model, again = (train(steps=2, seed=7, report=lines.append) for _ in range(2))
    for one, two in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)
    assert len(lines) == 4 and "step     2" in lines[1] and "twin L" in lines[1]

    save(model, tmp_path)
    read = AutoModelForImageClassification.from_pretrained(tmp_path, dtype=torch.float32)
    image = measure.as_input(drawing.draw(np.full((1, 64), EMPTY), np.random.default_rng(0)))
    with torch.no_grad():
        difference = read(pixel_values=image).logits - model.float()(pixel_values=image).logits
    assert difference.abs().max() < 0.02  # sdpa and eager, from the same float16 weights


@pytest.fixture(scope="module")
def shipped() -> torch.nn.Module:
    return AutoModelForImageClassification.from_pretrained(
        FOLDER, dtype=torch.float32, attn_implementation="eager"
    )


def test_the_shipped_model_names_the_pictures_of_the_set(shipped: torch.nn.Module) -> None:
    image = pytest.importorskip("PIL.Image")
    files = sorted(SET.glob("*.png"))
    assert len(files) == len(CLASSES) * pictures.EACH
    processor = AutoImageProcessor.from_pretrained(FOLDER)
    images = [image.open(file) for file in files]
    values = processor(images, return_tensors="pt")["pixel_values"]
    raw = np.stack([np.asarray(each) for each in images]).astype(np.float32) / 255
    assert (values - measure.as_input(raw)).abs().max() < 1e-5
    labels, _ = look(shipped, raw)
    named = [CLASSES[pictures.NAMES.index(file.stem.split("-")[0])] for file in files]
    assert shipped.config.id2label == dict(enumerate(CLASSES))
    assert sum(CLASSES[label] == name for label, name in zip(labels, named, strict=True)) >= 23


def test_the_set_can_be_drawn_again(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pictures.write(tmp_path)
    made, kept = (sorted(path.name for path in folder.iterdir()) for folder in (tmp_path, SET))
    assert made == kept
    for name in made:
        if name.endswith(".png"):
            one, two = (np.asarray(image.open(folder / name), int) for folder in (tmp_path, SET))
            assert one.shape == (GRID * 8, GRID * 8, 3) and abs(one - two).max() <= 1
    fields = dict(line.split(": ", 1) for line in (SET / "about.txt").read_text().splitlines())
    assert set(fields) == {"title", "source", "licence"}


def test_the_shipped_model_has_the_heads_of_its_description(shipped: torch.nn.Module) -> None:
    scores = measure.on_scenes(shipped)
    assert scores.right > 0.97
    row, column = scores.shares["row"], scores.shares["column"]
    assert min(row[0, 0], row[0, 3], column[0, 1], column[0, 2]) > 0.65  # even: .11
    assert max(row[1:].max(), column[1:].max()) < 0.35
    twin = scores.shares["twin"]
    assert twin[3, 2] > 0.5 and twin[1, 3] > 0.5  # even: .015
    assert min(scores.shares["objects"][1, 1], scores.shares["objects"][2, 3]) > 0.9  # even: .12
    assert min(scores.shares["twins"][2, 3], *scores.shares["twins"][3, 2:]) > 0.6  # even: .03
