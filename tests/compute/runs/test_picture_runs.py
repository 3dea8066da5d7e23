"""Pictures as runs: tokens are patches, attention is that which was built into a model."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tiny_pictures
import torch
from drawings import encoded, folder, noise

from compute import attention, pictures, runs
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.jobs import opening
from compute.matched import token_alignment
from compute.model_files import reads
from compute.models import loading, picture_probe
from compute.pictures.grid import Grid
from compute.progress import unseen
from compute.runs import picture_vectors

SIDE = tiny_pictures.ROWS


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    place = folder(tmp_path_factory.mktemp("pictures") / "noises")
    return pictures.keep(pictures.of_paths([place]), "Noises")


@pytest.fixture(scope="module")
def known(tmp_path_factory, shown):
    spec = str(tiny_pictures.known(tmp_path_factory.mktemp("known")))
    return opening.open_run(spec, shown, lambda state: None)


def test_a_run_of_pictures_says_what_its_tokens_are(known, shown):
    run = runs.load(known["key"])
    assert (known["text"], known["title"], known["passages"]) == (shown, "Noises", 3)
    assert run.tokens.strings[:3] == ("[CLS]", "r1 c1", "r1 c2") and len(run.tokens) == 3 * 17
    assert run.tokens.special.sum() == 3 and (run.grid.rows, run.grid.columns) == (SIDE, SIDE)
    assert run.labels == ("noise-0", "noise-1", "noise-2")
    assert run.pictures.shape == (3, 32, 32, 3) and run.pictures.dtype == np.uint8


def test_heads_look_where_they_were_built_to_look(known):
    run = runs.load(known["key"])
    for head, of in enumerate((run.grid.row, run.grid.column)):
        for picture in range(3):
            found = attention.of_passage(run, 0, head, picture)
            patches = of[1:, None] == of[None, :]
            assert np.allclose(found[1:], patches / SIDE, atol=1e-3)
            assert np.allclose(found[0], 1 / 17, atol=1e-4)  # [CLS] has no place


@pytest.mark.parametrize("family", ["deit", "beit", "clip", "vit_mae"])
def test_attention_from_the_run_is_the_models_own(family, tmp_path, shown):
    spec = str(tiny_pictures.save(tmp_path / family, family))
    run = runs.load(opening.open_run(spec, shown, lambda state: None)["key"])
    model = loading.load(catalog.find(spec))
    model.net.set_attn_implementation("eager")
    files = [noise(seed=number) for number in range(3)]
    shown_to = picture_probe.processed(model.processor, files, family)
    assert np.array_equal(shown_to, np.asarray(run.pictures[:]))
    inputs = picture_probe.inputs_of(model.net, picture_probe.pixels(model.processor, shown_to, ""))
    with torch.inference_mode():
        own = model.net(**inputs, output_attentions=True).attentions
    loading.load.cache_clear()
    assert bool(run.biases) == (family == "beit")
    for layer in range(3):
        for picture in range(3):
            for head in range(4):
                found = attention.of_passage(run, layer, head, picture)
                assert np.abs(found - own[layer][picture, head].numpy()).max() < 1e-6


def test_a_head_switched_off_changes_later_layers_alone(tmp_path, shown):
    spec = str(tiny_pictures.save(tmp_path / "vit", "vit"))
    with_all = runs.load(opening.open_run(spec, shown, lambda state: None)["key"])
    without = runs.load(opening.open_run(spec, shown, lambda state: None, off="L0H1")["key"])
    apart = [
        np.abs(
            attention.of_passage(with_all, layer, 0, 0) - attention.of_passage(without, layer, 0, 0)
        ).max()
        for layer in range(2)
    ]
    assert apart[0] < 1e-6 and apart[1] > 1e-3
    with pytest.raises(HeadscopeError, match="no mean over random tokens"):
        opening.open_run(spec, shown, lambda state: None, off="L0H1", method="mean")


def test_what_a_model_cannot_read_is_replaced_or_told(tmp_path, shown):
    assert opening.open_run("demo-gpt", shown, lambda state: None)["text"] == "prose"
    spec = str(tiny_pictures.save(tmp_path / "vit", "vit"))
    told = opening.open_run(spec, "prose", lambda state: None)
    assert told["text"] == "twins" and told["passages"] == 24


def test_a_model_whose_files_come_when_it_is_opened_reads_its_kind(tmp_path, shown, monkeypatch):
    spec = str(tiny_pictures.save(tmp_path / "later", "vit"))
    real, here = reads.pictures, []
    monkeypatch.setattr(reads, "pictures", lambda source: bool(here) and real(source))
    load = loading.load
    monkeypatch.setattr(loading, "load", lambda source: here.append(source) or load(source))
    told = opening.open_run(spec, "prose", lambda state: None)
    assert told["text"] == "twins" and told["passages"] == 24
    assert opening.still_there(told)


def test_a_finished_job_is_believed_while_its_run_is_there(known):
    assert opening.still_there(known)
    assert not opening.still_there(known | {"text": "pictures-" + "0" * 24})


def test_heads_are_compared_on_the_same_pictures_and_patches_alone(tmp_path, shown):
    def run(family, name):
        spec = str(tiny_pictures.save(tmp_path / family, family))
        return runs.load(opening.open_run(spec, name, lambda state: None)["key"])

    a, b = run("vit", shown), run("dinov2_with_registers", shown)
    found = token_alignment.match(a, b)
    assert not found.equal  # the one has registers, the other has none
    of_a, _ = token_alignment.counterparts(found)
    patches = np.flatnonzero(~a.tokens.special)
    assert [b.tokens.strings[of_a[i]] for i in patches] == [a.tokens.strings[i] for i in patches]
    assert (b.tokens.passage[of_a[patches]] == a.tokens.passage[patches]).all()
    with pytest.raises(HeadscopeError, match="not the same pictures"):
        token_alignment.match(a, run("vit", "twins"))
    named_alike = [(f"{label}.png", encoded(noise(seed=9))) for label in a.labels]
    with pytest.raises(HeadscopeError, match="not the same pictures"):
        token_alignment.match(a, run("vit", pictures.keep(named_alike)))
    other = replace(b, grid=Grid(2, 8, b.grid.before))
    with pytest.raises(HeadscopeError, match=r"4 × 4 patches, .* into 2 × 8"):
        token_alignment.match(a, other)
    text = runs.load(opening.open_run("demo-bert", "prose", lambda state: None)["key"])
    with pytest.raises(HeadscopeError, match="not the same pictures"):
        token_alignment.match(text, a)


def test_layers_can_be_chosen_and_the_cost_is_told():
    told: list[str] = []
    asked = opening.open_run("demo-vit", "twins", lambda at: told.append(at[1]), layers="2")
    some = runs.load(asked["key"])
    whole = runs.load(opening.open_run("demo-vit", "twins", lambda at: None)["key"])
    assert some.stored == (2,) and whole.stored == (0, 1, 2, 3)
    assert any(said.startswith("Reading 1,560 tokens in 1 of 4 layers (a pass") for said in told)
    assert any("Of its layers 0-3 these are stored: 2" in note for note in some.notes)
    for passage in (0, 23):
        found, expected = (attention.of_passage(run, 2, 1, passage) for run in (some, whole))
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(HeadscopeError, match="stored"):
        attention.of_passage(some, 1, 0, 0)


def test_a_set_too_large_is_refused_before_it_is_read(tmp_path, known, monkeypatch):
    model = loading.load(catalog.find(known["spec"]))
    info = model.info
    of_one = 4 * 17 * info.layers * info.head_dim * (info.heads + info.kv_heads)
    monkeypatch.setenv("HEADSCOPE_BUDGET", str(2 * of_one + 1))
    place = folder(tmp_path / "some", 3)
    found = pictures.load(pictures.keep(pictures.of_paths([place])))
    found.files[0].write_bytes(b"no picture any more")
    with pytest.raises(HeadscopeError, match=r"of these pictures \(51 .* at most 2 pictures"):
        picture_vectors.extract(model, found, "0" * 24, unseen)


def test_a_broken_picture_in_a_set_is_named(tmp_path, known):
    place = folder(tmp_path / "some", 1)
    found = pictures.load(pictures.keep(pictures.of_paths([place])))
    found.files[0].write_bytes(b"no picture any more")
    with pytest.raises(HeadscopeError, match="“noise-0” was damaged"):
        picture_vectors.extract(loading.load(catalog.find(known["spec"])), found, "0" * 24, unseen)


@pytest.mark.parametrize("height, width", [(128, 96), (96, 192)])
def test_pictures_that_are_cut_into_another_grid_are_refused(height, width, tmp_path):
    """96 × 128 gives 4 × 5 patches here, 128 × 96 gives 5 × 4: as many, in other places."""
    place = tiny_pictures.save(tmp_path / "any", "dinov2")
    asked = json.loads((place / "preprocessor_config.json").read_text())
    asked |= {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 32}}
    (place / "preprocessor_config.json").write_text(json.dumps(asked | {"do_center_crop": False}))
    fits, other = (
        pictures.keep([("some.png", encoded(noise(*sides)))])
        for sides in ((96, 128), (height, width))
    )
    run = runs.load(opening.open_run(str(place), fits, lambda state: None)["key"])
    assert (run.grid.rows, run.grid.columns) == (4, 5) and run.pictures.shape == (1, 32, 42, 3)
    with pytest.raises(HeadscopeError, match="cuts “some” into"):
        opening.open_run(str(place), other, lambda state: None)
