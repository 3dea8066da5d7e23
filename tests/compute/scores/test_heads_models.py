"""Per-head scores of real models on real text, against the models' own eager attention."""

import copy

import numpy as np
import pytest
import torch

from compute import runs, texts
from compute.models import catalog, loading
from compute.runs import vectors
from compute.scores import heads

PASSAGES = (
    "And the king said unto the man, Go in peace; and the man went in peace unto the king.\n"
    "The hacker wrote the program, and the program printed the name of the hacker.\n"
    "In the beginning was the word, and the word was with them all the days of the king."
)


@pytest.mark.parametrize("spec", ["demo-bert", "demo-gpt"])
def test_scores_of_a_text(spec: str, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))
    source, text = catalog.find(spec), texts.from_user(PASSAGES, by="line")
    model = loading.load(source)
    run = vectors.extract(model, text, runs.key_of(source, text), lambda done, total: None)
    scores = heads.score(run)

    net = copy.deepcopy(model.net)
    net.set_attn_implementation("eager")
    previous, own = [], []
    for p in range(len(PASSAGES.splitlines())):
        span = run.span(p)
        ids = torch.from_numpy(run.tokens.ids[span].astype(np.int64))[None]
        with torch.inference_mode():
            output = net(input_ids=ids, output_attentions=True)
        attention = torch.cat(output.attentions).double().numpy()
        rests = run.tokens.sinks(model.info.causal)[span]
        for i in np.flatnonzero(~rests):
            own.append(attention[:, :, i, i])
            if i > 0 and not rests[i - 1]:
                previous.append(attention[:, :, i, i - 1])
    np.testing.assert_allclose(scores.of("self").mean, np.mean(own, 0), rtol=0, atol=1e-5)
    np.testing.assert_allclose(scores.of("previous").mean, np.mean(previous, 0), rtol=0, atol=1e-5)
    assert scores.of("previous").mean[0, 0] > 0.9
    if model.info.causal:
        assert scores.of("induction").mean[1].min() > 0.5
        assert scores.of("induction").mean[[0, 2]].max() < 0.3
