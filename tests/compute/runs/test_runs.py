"""Runs that are kept open: in use as far as the size limit is concerned, and in many threads."""

import os
import sys
import threading

import pytest
from stored import random_run

from compute import runs, store


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


def test_a_run_that_is_used_for_long_is_not_the_first_to_go(monkeypatch):
    monkeypatch.setattr(runs.run, "NOTED", 0)
    used, idle = random_run(seed=0).key, random_run(seed=1).key
    for age, key in enumerate((used, idle)):
        manifest = store.root() / runs.KIND / key / store.MANIFEST
        os.utime(manifest, (1000 + age, 1000 + age))
    runs.load(used)
    store.sweep(store.usage().total - 1)
    assert store.exists(used) and not store.exists(idle)


def test_many_threads_may_open_runs_at_the_same_time():
    keys, failed = [random_run(seed=i, passages=1).key for i in range(2 * runs.RECENT)], []

    def load() -> None:
        try:
            for key in keys * 20:
                runs.load(key)
        except RuntimeError as error:
            failed.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=load) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    finally:
        sys.setswitchinterval(before)
    assert failed == [] and len(runs.run._recent) <= runs.RECENT
