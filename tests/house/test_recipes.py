"""The recipes of docs/cluster.md: what it shows is what comes out, and what is needed."""

import copy
import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import dask
import kubernetes_validate
import pytest
import typer
import yaml
from clusters import Cluster
from distributed import Security
from distributed.cli import dask_scheduler, dask_worker
from servers import ROOT

import app
from compute.engine import hire, joining
from compute.errors import HeadscopeError
from tests import items

DOCS = ROOT / "docs"
TEXT = (DOCS / "cluster.md").read_text("utf-8")
MANIFEST = [*yaml.safe_load_all((DOCS / "kubernetes.yaml").read_text("utf-8"))]
POD = {"app.kubernetes.io/part-of": "headscope"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def of_kind(kind: str) -> list[dict]:
    return [each for each in MANIFEST if each["kind"] == kind]


@pytest.fixture
def settled(tmp_path: Path) -> Iterator[Path]:
    """A folder with the shown settings of Dask and a key; this process has them too."""
    made = Security.temporary()
    (tmp_path / "headscope.key").write_text(made.tls_client_key)
    (tmp_path / "headscope.pem").write_text(made.tls_client_cert)
    shown = blocks("yaml")[0].replace("/home/me/.config/dask", str(tmp_path))
    (tmp_path / "headscope.yaml").write_text(shown)
    settings = copy.deepcopy(dask.config.config)  # `update` writes into it
    with dask.config.set(dask.config.update(settings, yaml.safe_load(shown))):
        yield tmp_path


def test_the_shown_job_script_is_what_slurm_gets(settled):
    spec = importlib.util.spec_from_file_location("slurm", DOCS / "slurm.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.cluster() as cluster:
        assert cluster.scheduler_info["address"].startswith("tls://")
        assert cluster.scheduler.http_server.address == "127.0.0.1"
        made = re.sub(r"tls://\S+:\d+", "tls://login:8786", cluster.job_script())
    assert made.split() == blocks("bash")[0].split()
    command = shlex.split(made.splitlines()[-1])
    dask_worker.main.make_context("worker", command[command.index("-m") + 2 :])


def test_with_the_shown_settings_only_who_has_the_key_gets_in(settled, cache, monkeypatch):
    with Cluster(settled, DASK_CONFIG=str(settled)) as cluster:
        assert cluster.address.startswith("tls://")
        cluster.worker("--no-nanny")
        with hire(workers=1, threads=1, memory=0, scheduler=cluster.address) as crew:
            assert dict(crew.each(items.square, range(3))) == {0: 0, 1: 1, 2: 4}
        monkeypatch.setattr(joining, "ANSWER", 1.0)
        for address in (cluster.address, cluster.address.replace("tls", "tcp")):
            with (
                dask.config.set(_of_a_stranger(settled)),
                pytest.raises(HeadscopeError, match="can't be reached"),
            ):
                hire(workers=1, threads=1, memory=0, scheduler=address).__enter__()


def _of_a_stranger(folder: Path) -> dict[str, object]:
    other = Security.temporary()
    (folder / "other.key").write_text(other.tls_client_key)
    (folder / "other.pem").write_text(other.tls_client_cert)
    pair = {"cert": str(folder / "other.pem"), "key": str(folder / "other.key")}
    return {
        "distributed.comm.require-encryption": False,
        "distributed.comm.tls.client": pair,
    }


def test_the_manifest_is_one_of_kubernetes():
    kinds = [each["kind"] for each in MANIFEST]
    assert len(kinds) == 6
    for each in MANIFEST:
        kubernetes_validate.validate(each, "1.37", strict=True)
    broken = of_kind("Deployment")[0] | {"spec": {"replicas": "one"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.37", strict=True)


def test_all_pods_are_behind_the_policy_and_locked():
    (policy,) = of_kind("NetworkPolicy")
    assert policy["spec"]["podSelector"] == {"matchLabels": POD}
    assert policy["spec"]["ingress"] == [{"from": [{"podSelector": {"matchLabels": POD}}]}]
    for deployment in of_kind("Deployment"):
        template = deployment["spec"]["template"]
        assert POD.items() <= template["metadata"]["labels"].items()
        assert deployment["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
        assert template["spec"]["securityContext"]["runAsNonRoot"]
        (container,) = template["spec"]["containers"]
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        named = {volume["name"] for volume in template["spec"]["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == named


def test_the_service_leads_to_the_scheduler():
    (service,) = of_kind("Service")
    found = [
        deployment
        for deployment in of_kind("Deployment")
        if service["spec"]["selector"].items()
        <= deployment["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert [each["metadata"]["name"] for each in found] == ["headscope-scheduler"]
    assert service["metadata"]["name"] == "headscope-scheduler"


def test_what_the_pods_are_told_is_understood():
    told = {}
    for deployment in of_kind("Deployment"):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        told[container["name"]] = container["args"]
    assert told["scheduler"][:4] == ["python", "-m", "dask", "scheduler"]
    assert told["worker"][:4] == ["python", "-m", "dask", "worker"]
    assert told["page"][:2] == ["python", "app.py"]
    scheduler = dask_scheduler.main.make_context("scheduler", told["scheduler"][4:])
    assert (scheduler.params["port"], scheduler.params["dashboard"]) == ("8786", False)
    worker = dask_worker.main.make_context("worker", told["worker"][4:])
    assert worker.params["scheduler"] == "tcp://headscope-scheduler:8786"
    command = typer.Typer()
    command.command()(app.main)
    page = typer.main.get_command(command).make_context("page", told["page"][2:])
    assert page.params["scheduler"] == "tcp://headscope-scheduler:8786"


def test_the_folder_s_files_are_linked():
    assert {"slurm.py", "kubernetes.yaml"} <= {*re.findall(r"\]\((\S+?)\)", TEXT)}
