import numpy as np
import pytest
import tiny
import torch
from tiny import PASSAGES, Text

from components.shown import pictures
from components.shown.records import HeadView, MapOptions
from compute import store
from compute.command_line import app
from compute.errors import HeadscopeError
from compute.jobs import mapping
from compute.maps import geometry, projection
from compute.maps.cloud import part
from compute.runs import unrotated, vectors
from compute.trust import trust


def extracted(model):
    run = vectors.extract(model, Text(), store.key(model.info.family), lambda *_: None)
    unrotated.ensure(run.key)
    return run


def test_llamas_vectors_are_those_of_its_projections(load):
    model = load("llama")
    run, seen = extracted(model), {}
    with torch.inference_mode():
        layers = model.net.base_model.layers
        for i, layer in enumerate(layers):
            for name in ("q", "k"):
                getattr(layer.self_attn, f"{name}_proj").register_forward_hook(
                    lambda _, __, out, at=(i, name): seen.__setitem__(at, out[0].numpy())
                )
        for passage in range(len(PASSAGES)):
            span = run.span(passage)
            model.net(torch.tensor(run.tokens.ids[span]).long()[None])
            for layer in range(len(layers)):
                for head in range(4):
                    q, k = unrotated.head(run, layer, head)
                    width, root = model.info.head_dim, run.scaling[layer] ** 0.5
                    own = slice(head * width, (head + 1) * width)
                    shared = slice(head // 2 * width, (head // 2 + 1) * width)
                    assert np.allclose(q[span], seen[layer, "q"][:, own] * root, atol=2e-5)
                    assert np.allclose(k[span], seen[layer, "k"][:, shared] * root, atol=2e-5)


STRETCHED = {"gpt_oss": 0.1 * np.log(32) + 1}  # YaRN's factor for a context 32 times as long
ROTARY = [
    "gptj",
    "llama",
    "mistral",
    "qwen3",
    "gemma2",
    "phi3",
    "gpt_neox",
    "modernbert",
    "gpt_oss",
]


@pytest.mark.parametrize("family", ROTARY)
def test_before_rotation_a_token_is_the_same_at_every_place(load, family):
    """In layer 0 only the rotation tells places apart."""
    run = extracted(load(family))
    ids, position = run.tokens.ids, run.tokens.position
    for head in range(4):
        after, before = run.head(0, head), unrotated.head(run, 0, head)
        for rotated, plain in zip(after, before, strict=True):
            ratio = np.linalg.norm(rotated, axis=1) / np.linalg.norm(plain, axis=1)
            stretch = STRETCHED.get(family, 1)
            assert np.allclose(ratio, stretch, rtol=1e-3)
            assert np.allclose(rotated[position == 0], plain[position == 0] * stretch, atol=1e-4)
            for token in np.unique(ids):
                same = np.flatnonzero(ids == token)
                assert np.allclose(plain[same], plain[same[0]], atol=1e-4)
        apart = [i for i in np.flatnonzero(ids == ids[2]) if position[i] != position[2]]
        assert np.abs(after[0][apart] - after[0][2]).max() > 1e-2


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_models_without_rotation_say_so(load, family):
    run = vectors.extract(load(family), Text(), store.key(family), lambda *_: None)
    with pytest.raises(HeadscopeError, match="does not rotate"):
        unrotated.ensure(run.key)
    assert unrotated.head(run, 0, 0) is None


def test_the_models_own_function_is_given_back(load):
    model = load("llama")
    modeling = __import__(type(model.net).__module__, fromlist=["x"])
    before = modeling.apply_rotary_pos_emb
    extracted(model)
    assert modeling.apply_rotary_pos_emb is before


def test_a_rotation_of_one_alone_is_not_looked_at(load, monkeypatch):
    """Qwen 4 rotates with the same function what chooses its keys, before queries and keys."""
    model, alone, pair = load("llama"), torch.ones(1), [torch.zeros(2), torch.zeros(3)]
    modeling = __import__(type(model.net).__module__, fromlist=["x"])
    monkeypatch.setattr(modeling, "apply_rotary_pos_emb", lambda q, k=None, cos=0: (q, k))
    with unrotated._watched(model.net) as latest:
        assert modeling.apply_rotary_pos_emb(*pair, 1) == tuple(pair)
        assert modeling.apply_rotary_pos_emb(alone, cos=1) == (alone, None)
        assert latest[0] is pair[0] and latest[1] is pair[1]


def test_maps_of_them_are_measured_against_true_attention(load):
    run = extracted(load("llama"))
    cloud = projection.cloud(run, 1, 2)
    options = {"rotation": "before", "scale": "norm"}
    layout = projection.fit(cloud, "pca", options=options)
    rotated = projection.fit(cloud, "pca", options={"scale": "norm"})
    q, k, _ = geometry.translated(
        projection.Cloud(*cloud.before, cloud.starts, cloud.sink, cloud.sight), "norm"
    )
    points = np.concatenate([q, k]).astype(np.float64)
    points -= points.mean(0)
    axes = np.linalg.svd(points, full_matrices=False)[2][:2]
    found = np.concatenate([layout.q, layout.k])
    assert np.allclose(np.abs(found), np.abs(points @ axes.T), atol=1e-4)
    assert not np.allclose(layout.q, rotated.q, atol=1e-2)
    assert np.array_equal(projection.cloud(run, 1, 2).q, cloud.q)
    assert trust.trust(cloud, layout).preference == trust.trust(cloud, rotated).preference
    names = {projection.key("run", 1, 2, "pca", 2, each) for each in ({}, {"rotation": "before"})}
    assert len(names) == 2


def test_a_part_of_a_cloud_keeps_its_vectors(load):
    cloud = projection.cloud(extracted(load("llama")), 0, 0)
    some, rows = part(cloud, np.array([1, 3]))
    assert np.array_equal(some.before[0], cloud.before[0][rows])


def test_the_attention_map_refuses_and_so_does_a_text_without_extraction(load):
    run = vectors.extract(load("llama"), Text(), store.key("llama"), lambda *_: None)
    cloud = projection.cloud(run, 0, 0)
    with pytest.raises(HeadscopeError, match="have not been extracted"):
        projection.fit(cloud, "pca", options={"rotation": "before"})
    with pytest.raises(HeadscopeError, match="made of attention"):
        projection.fit(cloud, "attention", options={"rotation": "before"})


def test_the_command_line_draws_them(tmp_path, capsys):
    folder = tiny.save(tmp_path / "llama", "llama")
    (tmp_path / "cats.txt").write_text("\n".join(PASSAGES), encoding="utf-8")
    out = tmp_path / "map.csv"
    arguments = ["project", "--model", str(folder), "--text-file", str(tmp_path / "cats.txt")]
    arguments += ["--layer", "1", "--head", "2", "--method", "pca", "--out", str(out)]
    assert app.main(arguments) == 0
    rotated = out.read_text(encoding="utf-8")
    assert app.main([*arguments, "--before-rotation"]) == 0
    assert out.read_text(encoding="utf-8") != rotated
    assert '"rotation": "before"' in capsys.readouterr().out
    assert app.main([*arguments, "--before-rotation", "--method", "attention-map"]) == 2
    assert "made of attention" in capsys.readouterr().err


def test_a_model_knows_whether_it_rotates(load):
    assert [load(family).info.rotary for family in ("llama", "gpt_neox", "bert", "gpt2")] == [
        *(True, True, False, False),
    ]


def asked(rotary: bool, method: str, steps: object = None, rotation: str = "after"):
    """What the page asks for, of a model that rotates or does not."""
    head = HeadView({"key": "run", "model": {"rotary": rotary}}, 0, 0)
    return pictures.picture(head, MapOptions(method, "2", steps, "none", rotation))


def test_the_page_asks_for_them_only_where_there_are_some():
    found = asked(True, "pca", rotation="before")
    assert dict(found.options) == {"rotation": "before"}
    assert found.name == projection.key("run", 0, 0, "pca", 2, {"rotation": "before"})
    assert not asked(False, "pca", rotation="before").options
    assert not asked(True, "pca").options
    assert not asked(True, "attention", rotation="before").options


def test_a_map_of_no_steps_is_refused():
    for steps in (-5, 0, "0", "2.5", 2.5, "abc"):
        with pytest.raises(HeadscopeError, match="can't have"):
            asked(False, "attention", steps)
    assert asked(False, "pca", -5).options == ()


def test_the_job_extracts_and_lays_out(load):
    run = vectors.extract(load("llama"), Text(), store.key("llama"), lambda *_: None)
    options, told = {"rotation": "before"}, []
    name = mapping.fit_map(run.key, 1, 2, "pca", 2, options, told.append)
    layout = projection.fit(projection.cloud(run, 1, 2), "pca", options=options)
    assert np.allclose(projection.MAPS.get(name).q, layout.q, atol=1e-4)
    assert any("tokens" in sentence for _, sentence, _ in told)
