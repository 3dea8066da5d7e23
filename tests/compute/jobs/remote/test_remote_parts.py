import dataclasses

from compute.jobs import worker
from compute.jobs.remote import hosts, runner
from compute.jobs.remote.host import Run, Setup
from compute.version import page_version

SETUP = Setup((), None, (), 1.0, page_version(), "")


def test_another_version_of_the_page_is_said_before_anything_is_begun():
    setup = dataclasses.replace(SETUP, code="0")
    errand = hosts.Errand("server", setup, Run(1, b"", aside=False, spread=False))
    assert hosts.attend(errand) == (worker.FAILED, hosts.OTHER_CODE)


def test_a_server_without_a_host_is_told_so():
    assert hosts.ask("nobody", set(), 0) is None
    hosts.leave("nobody")


def test_workers_are_told_what_the_server_was_told_but_for_its_own(monkeypatch):
    for name in ("HEADSCOPE_CACHE", "HEADSCOPE_DEVICE", "OTHER"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    told = dict(runner._variables("tcp://a:1"))
    assert told["HEADSCOPE_DEVICE"] == "x" and told["HF_HUB_OFFLINE"] == "1"
    assert told["HEADSCOPE_SCHEDULER"] == "tcp://a:1"  # what is spread needs it
    assert not {"HEADSCOPE_CACHE", "OTHER"} & {*told}
