"""Models of pictures: each family is seen exactly, its tokens have names, others are refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tiny_pictures
import torch
from drawings import noise
from transformers import CLIPImageProcessorPil
from transformers.models.vit import modeling_vit

from compute.capture import passes
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.models import loading, picture_probe
from compute.pictures.grid import Grid

REGISTERS = tuple(f"[REG {i}]" for i in range(1, 5))
BEFORE = {
    "vit": ("[CLS]",),
    "deit": ("[CLS]", "[DIST]"),
    "dinov2": ("[CLS]",),
    "dinov2_with_registers": ("[CLS]", *REGISTERS),
    "dinov3_vit": ("[CLS]", *REGISTERS),
    "beit": ("[CLS]",),
    "clip": ("[CLS]",),
    "clip_vision_model": ("[CLS]",),
    "siglip": (),
    "siglip_vision_model": (),
    "vit_mae": ("[CLS]",),
    "ijepa": (),
}


def load(folder):
    return loading.load(catalog.find(str(folder)))


def refused(folder):
    with pytest.raises(HeadscopeError) as caught:
        load(folder)
    assert str(caught.value).count(". ") <= 1 and str(caught.value).endswith(".")
    return str(caught.value)


@pytest.mark.parametrize("family", BEFORE)
def test_each_family_is_seen_as_its_own_eager_code_computes(family, tmp_path):
    model = load(tiny_pictures.save(tmp_path / family, family))
    assert (model.info.task, model.info.layers, model.info.heads) == ("picture", 3, 4)
    assert not model.info.causal and not model.info.adds and model.tokenizer is None
    assert model.grid == Grid(tiny_pictures.ROWS, tiny_pictures.ROWS, BEFORE[family])
    seen = picture_probe.processed(model.processor, [noise(50, 70)], "it")
    inputs = picture_probe.inputs_of(model.net, picture_probe.pixels(model.processor, seen, "it"))
    calls = []
    passes.run(model.net, inputs, on_call=calls.append)
    model.net.set_attn_implementation("eager")
    with torch.inference_mode():
        own = model.net(**inputs, output_attentions=True).attentions
    assert len(own) == len(calls) == 3
    for call, expected in zip(calls, own, strict=True):
        assert (call.attention() - expected).abs().max() < 1e-6
    assert max(float(each.amax(-1).mean()) for each in own) > 0.1  # 1/16 would be flat


def test_pixels_are_those_of_the_processor_in_one_go():
    processor = tiny_pictures.processor()
    pictures = [noise(50, 70), noise(20, 31, seed=1)]
    seen = picture_probe.processed(processor, pictures, "it")
    assert seen.shape == (2, 32, 32, 3) and seen.dtype == np.uint8
    made = picture_probe.pixels(processor, seen, "it")
    assert torch.allclose(made, processor(pictures, return_tensors="pt")["pixel_values"], atol=1e-6)


def test_pictures_that_are_cut_from_the_middle():
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": 36}, crop_size={"height": 32, "width": 32}
    )
    pictures = [noise(50, 70), noise(90, 40, seed=1)]
    seen = picture_probe.processed(processor, pictures, "it")
    made = picture_probe.pixels(processor, seen, "it")
    assert torch.allclose(made, processor(pictures, return_tensors="pt")["pixel_values"], atol=1e-6)


def test_windows_are_refused(tmp_path):
    said = refused(tiny_pictures.save(tmp_path / "swin", "swin"))
    assert "windows" in said and "family swin" in said


def test_too_many_patches_are_refused_before_a_pass(tmp_path, monkeypatch):
    def never(*_, **__) -> None:
        pytest.fail("it was run")

    monkeypatch.setattr(modeling_vit.ViTModel, "forward", never)
    monkeypatch.setattr(picture_probe, "LONGEST", 15)
    assert "16 patches here" in refused(tiny_pictures.save(tmp_path / "vit", "vit"))


def test_patches_in_another_order_are_refused(tmp_path, monkeypatch):
    real = modeling_vit.ViTPatchEmbeddings.forward

    def by_column(self, *args, **more):
        found = real(self, *args, **more)
        side = tiny_pictures.ROWS
        return found.unflatten(1, (side, side)).transpose(1, 2).flatten(1, 2)

    monkeypatch.setattr(modeling_vit.ViTPatchEmbeddings, "forward", by_column)
    assert "not the patches of one grid" in refused(tiny_pictures.save(tmp_path / "vit", "vit"))


def change(folder, **changes):
    file = folder / "preprocessor_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return folder


@pytest.mark.parametrize(
    "changes, said",
    [({"size": {"height": 10**6, "width": 10**6}}, "asks for pictures of 1,000,000 pixels"),
     ({"size": {"height": float("nan"), "width": 32}}, "asks for pictures of nan"),
     ({"crop_size": 10**5}, "asks for pictures of 100,000 pixels"),
     ({"image_processor_type": "NoSuchProcessor"}, "broken, or is of a kind"),
     ({"auto_map": {"AutoImageProcessor": "mine.Own"}, "image_processor_type": "Own"}, "broken"),
     ({"size": {"height": 24, "width": 24}}, "can't be run on pictures"),
     ({"image_mean": [0.5]}, "can't read a picture")],
)  # fmt: skip
def test_settings_of_pictures_that_harm_or_do_not_fit(changes, said, tmp_path):
    assert said in refused(change(tiny_pictures.save(tmp_path / "vit", "vit"), **changes))


def test_a_model_without_its_image_processor_is_told(tmp_path):
    folder = tiny_pictures.save(tmp_path / "clip", "clip")
    (folder / "preprocessor_config.json").unlink()
    assert "has no preprocessor_config.json" in refused(folder)


def test_dinov3_is_resized_by_pillow_and_says_so(tmp_path):
    folder = change(
        tiny_pictures.save(tmp_path / "dino", "dinov3_vit"),
        image_processor_type="DINOv3ViTImageProcessorFast",
    )
    model = load(folder)
    assert "torchvision" in model.info.note
    seen = picture_probe.processed(model.processor, [noise(50, 70)], "it")
    same = picture_probe.processed(tiny_pictures.processor(), [noise(50, 70)], "it")
    assert np.array_equal(seen, same)


def test_half_precision_is_seen_exactly(tmp_path):
    source = catalog.find(str(tiny_pictures.save(tmp_path / "vit", "vit")))
    model = loading.load(replace(source, dtype="bfloat16"))
    assert model.info.dtype == "bfloat16" and "computes in bfloat16" in model.info.note
