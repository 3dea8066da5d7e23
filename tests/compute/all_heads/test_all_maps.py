import dataclasses
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from stored import random_run
from threadpoolctl import threadpool_info, threadpool_limits

from compute import runs, store
from compute.all_heads import all_maps
from compute.errors import HeadscopeError
from compute.machine import pool
from compute.maps import projection
from compute.trust import trust


@pytest.fixture
def run():
    return random_run()


def test_all_heads_get_the_map_and_trust_of_one_alone(run):
    assert not all_maps.TRUSTS.has(all_maps.key(run.key, "attention", 2, {"steps": 10}))
    seen = []
    all_maps.fit_all(run.key, "attention", 2, {"steps": 10}, lambda *at: seen.append(at))
    assert seen == [(i, 6) for i in range(1, 7)]
    found = all_maps.TRUSTS.get(all_maps.key(run.key, "attention", 2, {"steps": 10}))
    for layer in range(2):
        for head in range(3):
            cloud = projection.cloud(run, layer, head)
            alone = projection.fit(cloud, "attention", options={"steps": 10})
            name = projection.key(run.key, layer, head, "attention", 2, {"steps": 10})
            kept = projection.MAPS.get(name)
            # BLAS on one and on two threads may round differently
            assert np.allclose(kept.q, alone.q, atol=1e-2)
            measured = trust.trust(cloud, kept)
            assert found.words(layer, head) == measured.words
            assert found.queries[layer, head] == measured.queries > 0
            if measured.score is None:
                assert np.isnan(found.score[layer, head])
            else:
                assert found.score[layer, head] == measured.score
    assert found.words(1, 2) == "no preference to show"


def test_what_is_there_is_not_made_anew(run):
    name = projection.key(run.key, 0, 0, "pca", 2)
    cloud = projection.cloud(run, 0, 0)
    nothing = np.zeros((len(cloud), 2), np.float32)
    projection.MAPS.put(name, projection.Layout(nothing, nothing))
    all_maps.fit_all(run.key, "pca")
    found = all_maps.TRUSTS.get(all_maps.key(run.key, "pca"))
    assert found.score[0, 0] == pytest.approx(0, abs=1e-6)  # of one spot: the map that was there
    assert abs(found.score[0, 1]) > 0.02
    all_maps.fit_all(run.key, "pca", progress=lambda *_: pytest.fail("it began again"))


def test_keys_differ_by_all_they_depend_on():
    names = {
        all_maps.key("run", "pca"),
        all_maps.key("other", "pca"),
        all_maps.key("run", "umap"),
        all_maps.key("run", "pca", 3),
        all_maps.key("run", "pca", 2, {"scale": "norm"}),
    }
    assert len(names) == 5


def test_a_head_that_cannot_be_drawn_is_named(run):
    q, key = np.array(run.q), store.key("with a hole")
    q[1, 0, 0, 0] = np.nan
    runs.RUNS.put(key, dataclasses.replace(run, key=key, q=q))
    with pytest.raises(HeadscopeError, match="L1H0"):
        all_maps.fit_all(key, "pca")
    assert not all_maps.TRUSTS.has(all_maps.key(key, "pca"))


def _die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_ended_by_the_system_is_said():
    with pytest.raises(HeadscopeError, match="out of memory"):
        list(pool.each(_die, [1, 2, 3]))


def test_the_pool_has_one_thread_a_process_and_keeps_all_results():
    with threadpool_limits(2):  # the tests' own process has but one
        assert dict(pool.each(_blas_threads, range(5))) == dict.fromkeys(range(5), 1)
    assert list(pool.each(_blas_threads, [])) == []


def _blas_threads(_: int) -> int:
    return max(info["num_threads"] for info in threadpool_info())


PARENT = """
import os, sys, time
from compute.machine import pool

def wait(_):
    os.write(1, b"%d\\n" % os.getpid())  # whole, whoever else writes
    time.sleep(60)

list(pool.each(wait, range(2)))
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes as Linux does")
def test_children_end_with_the_process_that_started_them(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    watched = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    assert select.select([watched], [], [], 10)[0]
