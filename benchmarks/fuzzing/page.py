"""What a page would know after a visit of all stages: a valid value for all that callbacks take.

The values of controls are those of the page's layout; stores are filled by the callbacks and jobs
that fill them on the page, here asked one after the other.
"""

import copy
import time
from dataclasses import dataclass

import orjson

from fuzzing.talk import Answer, Line, Sent

TEXT = """The old clock ticks. The old clock stops.
A red bird sings to a red bird in the rain.
She gave him a book, and he gave her a song.
One two three four. One two three four.
The cat that the dog chased was black."""
JOB_TIME = 90  # seconds
SLOW = (
    *("dossier", "heldout", "lab-ablated", "lab-followed", "lab-copies", "lab-icl"),
    *("opened-b", "scores-b", "scale-scan", "scale-maps"),
)
"""Jobs that a quick visit leaves out."""
DRAWN = {"design": "standard", "trials": 6, "length": 12, "seed": 0}


@dataclass(frozen=True)
class Callback:
    """One callback of the server, as ``/_dash-dependencies`` tells it."""

    output: str
    inputs: tuple[tuple[str, str], ...]
    state: tuple[tuple[str, str], ...]
    background: bool

    def outputs(self) -> list[dict] | dict:
        """Return its outputs as the page sends them."""
        multi = self.output.startswith("..")
        names = self.output[2:-2].split("...") if multi else [self.output]
        parts = [dict(zip(("id", "property"), n.rsplit(".", 1), strict=True)) for n in names]
        return parts if multi else parts[0]


class Page:
    """One load of the page, and what it knows.

    Attributes
    ----------
    callbacks : dict of str to Callback
        By output.
    browser : list of str
        Outputs of the callbacks that run in the browser: the server has nothing for them.
    known : dict of (id, property) to value
    """

    def __init__(self, line: Line):
        self.line, self.end_id = line, line.end_id()
        self.known: dict[tuple[str, str], object] = {}
        self._read(orjson.loads(line.get("/_dash-layout").body))
        told = orjson.loads(line.get("/_dash-dependencies").body)
        self.browser = [each["output"] for each in told if each["clientside_function"]]
        self.callbacks = {
            each["output"]: Callback(
                each["output"],
                tuple((i["id"], i["property"]) for i in each["inputs"]),
                tuple((i["id"], i["property"]) for i in each["state"]),
                bool(each["background"]),
            )
            for each in told
            if not each["clientside_function"]
        }

    def _read(self, part: object) -> None:
        """Take over the properties of all components, those of stages made later too."""
        if isinstance(part, dict):
            props = part.get("props")
            if isinstance(props, dict) and isinstance(props.get("id"), str):
                self.known |= {(props["id"], name): value for name, value in props.items()}
            part = list(part.values())
        if isinstance(part, list):
            for each in part:
                self._read(each)

    def body(self, output: str, changed: str | None = None) -> dict:
        """Return a valid request for a callback."""
        callback = self.callbacks[output]
        return {
            "output": output,
            "outputs": callback.outputs(),
            "inputs": self._values(callback.inputs),
            "changedPropIds": [changed or ".".join(callback.inputs[0])],
            "parsedChangedPropsIds": [changed or ".".join(callback.inputs[0])],
            "state": self._values(callback.state),
        }

    def _values(self, places: tuple[tuple[str, str], ...]) -> list[dict]:
        made = []
        for id, prop in places:
            each = {"id": id, "property": prop}
            if (id, prop) in self.known:
                each["value"] = copy.deepcopy(self.known[id, prop])
            made.append(each)
        return made

    def send(self, output: str, **query: str) -> Answer:
        """Ask for a callback with what is known."""
        arguments = [("endId", self.end_id), *query.items()]
        return self.line.send(Sent(orjson.dumps(self.body(output)), query=arguments))

    def call(self, output: str) -> None:
        """Ask for a callback, and take over what it says."""
        answer = self.send(output)
        if answer.status not in (200, 204) or answer.sentence:
            raise RuntimeError(f"{output}: {answer.status} {answer.sentence or answer.body[:300]}")
        self._keep(answer.json())

    def job(self, name: str) -> object:
        """Run the job that fills a store, wait for its result, and keep it there."""
        if self._quick and name in SLOW:
            return None
        output = f"{name}-result.data" if f"{name}-result.data" in self.callbacks else name
        answer = self.send(output)
        handle = answer.json()
        if "job" not in handle:
            raise RuntimeError(f"{output}: {answer.status} {answer.sentence or answer.body[:300]}")
        end = time.monotonic() + JOB_TIME
        while time.monotonic() < end:
            answer = self.ask(output, handle)
            if answer.status != 200 or answer.sentence:
                raise RuntimeError(f"{output}: {answer.status} {answer.sentence}")
            if "response" in answer.json():
                self._keep(answer.json())
                self.known[name, "data"] = self.known.get((f"{name}-result", "data"))
                return self.known[name, "data"]
            time.sleep(0.02)
        raise RuntimeError(f"{output} did not end")

    def ask(self, output: str, handle: dict) -> Answer:
        """Ask after a job."""
        body = self.body(output)
        for each in [*body["inputs"], *body["state"]]:
            each["value"] = None
        query = [("endId", self.end_id), ("cacheKey", handle["cacheKey"]), ("job", handle["job"])]
        return self.line.send(Sent(orjson.dumps(body), query=query))

    def cancel(self, handle: dict) -> None:
        """Cancel a job, as its button would."""
        button = handle["cancel"][0]["id"]
        query = [("endId", self.end_id), ("cancelJob", handle["job"])]
        self.line.send(Sent(orjson.dumps(self.body(f"{button}.id")), query=query))

    def _keep(self, answer: dict) -> None:
        for id, props in answer.get("response", {}).items():
            for prop, value in props.items():
                self.known[id, prop.partition("@")[0]] = value

    _quick = False

    def put(self, **stores: object) -> None:
        """Write stores, as the page's own scripts do; ``_`` stands for ``-``."""
        for name, value in stores.items():
            self.known[name.replace("_", "-"), "data"] = value

    def visit(self, model: str = "demo-gpt", quick: bool = False) -> None:
        """Go through all stages; a quick visit leaves out what takes long."""
        self._quick = quick
        for id, prop in {p for c in self.callbacks.values() for p in (*c.inputs, *c.state)}:
            if prop == "n_clicks":
                self.known[id, prop] = 1
        if not quick:
            self._open_others()
        self._open(model)
        self._heads()
        self._second()
        self._lab(model)
        self._all_heads()
        self._patterns()
        self._scale()

    def _open_others(self) -> None:
        """Open models of other kinds and shapes; what is known of them can be put in place of ours.

        It is kept under names that the page doesn't have.
        """
        for model in ("demo-bert", "minilm"):
            self.put(request={"model": model, "text": "grammar"})
            kept = {"run": self.job("opened")}
            self.put(run=kept["run"])
            kept["scores"] = self.job("scores")
            if model != "minilm":  # it predicts no tokens
                options = DRAWN | {"protocol": "corrected"}
                self.put(lab_asked={"spec": model, "options": options})
                for name in ("lab-measured", "lab-shown", "induction"):
                    kept[name] = self.job(name)
            at = {"run": kept["run"]["key"], "layer": 2, "head": 3}
            kept |= {"head": at, "column": at | {"run": kept["run"]}}
            self.put(**{f"{name}-{model}": value for name, value in kept.items()})

    def _open(self, model: str) -> None:
        self.known["text-input", "value"] = "\n".join([TEXT] * 3)
        self.call(next(name for name in self.callbacks if name.startswith("..text-select")))
        text = self.known["text-select", "value"]
        self.put(request={"model": model, "text": text})
        run = self.job("opened")
        self.put(run=run, patterns_run=run, lab_run=run)
        self.call("tokens.data")
        self.known["induction-trials", "value"], self.known["induction-length", "value"] = 6, 12
        for name in ("scores", "induction"):
            self.job(name)

    def _heads(self) -> None:
        run = self.known["run", "data"]
        key, at = run["key"], {"layer": 1, "head": 2}
        plain = {"run": key, "method": "pca", "dims": 2, "options": []}
        self.put(trusts_asked=plain)
        self.job("trusts")
        wanted = {"run": key, **at, "method": "attention", "dims": 2, "options": {"steps": 20}}
        self.put(wanted=wanted, wanted_b=wanted)
        name = self.job("fitted")["name"]
        self.job("fitted-b")
        step = {"name": name, "step": 10, "frame": f"{name}-10"}
        self.put(frame=step, frame_b=step, selection={"role": "query", "token": 3, "other": 1})
        self.put(ghost_sentence={"sentence": "A red clock.", "model": run["spec"]})
        self.call("ghost-asked.data")
        self.job("ghost")
        self.put(lassoed={"run": key, "queries": [1, 2, 9], "keys": [4], "columns": [[key, 1, 2]]})
        self.known["layer-select", "value"], self.known["head-select", "value"] = "1", "2"
        self.known["method-select", "value"] = "pca"
        self.job("heldout")
        self.job("dossier")

    def _second(self) -> None:
        run = self.known["run", "data"]
        asked = {"model": run["spec"], "text": run["text"], "off": "L0H0", "method": "zero"}
        self.put(b_asked=asked)
        own = self.job("opened-b") or run
        self.put(run_b=own, b_unscored=own, b_runs={"a": run["key"], "b": own["key"]})
        self.job("scores-b")
        self.call("tokens-b.data")
        other = {"run": run, "layer": 1, "head": 2}
        self.put(
            b_side={"run": own, "layer": 1, "head": 3},
            b_other=other,
            b_over=other | {"fitted": self.known["fitted", "data"]["name"]},
            b_differ={"selection": self.known["selection", "data"]},
            selection_b={"role": "key", "token": None, "near": 5},
        )
        self.job("alike")

    def _lab(self, model: str) -> None:
        key = self.known["run", "data"]["key"]
        options = DRAWN | {"protocol": "corrected"}
        self.put(lab_asked={"spec": model, "options": options})
        measured = self.job("lab-measured")
        self.job("lab-shown")
        self.put(lab_head={"run": key, "layer": 1, "head": 3})
        self.known["lab-off", "value"] = "L0H0"
        self.known["lab-models", "value"] = ["demo-gpt", "minilm"]
        for name, job in (
            ("lab-ablate", "lab-ablated"),
            ("lab-follow", "lab-followed"),
            ("lab-beside", ""),
            ("lab-copies-asked", "lab-copies"),
            ("lab-icl-asked", "lab-icl"),
            ("lab-detected-asked", "lab-detected"),
        ):
            self.call(f"{name}.data")
            if job:
                self.job(job)
        self.put(lab_beside={"specs": [model], "options": options})
        self.put(lab_side=[{n: v for n, v in measured.items() if n != "options"}])

    def _all_heads(self) -> None:
        key = self.known["run", "data"]["key"]
        self.known["all-method", "value"] = "pca"
        of = {"run": key, "method": "pca"}
        self.put(all_asked=of, all_refined_asked=of, all_passage={"run": key, "passage": 1})
        self.put(all_fresh_asked=of | {"heads": [[0, 1], [1, 0]]})
        for name in ("all-laid", "all-fresh", "all-refined"):
            self.job(name)
        self.known["all-find", "value"] = "red"

    def _patterns(self) -> None:
        key = self.known["run", "data"]["key"]
        self.put(patterns_asked={"run": key}, patterns_head={"run": key, "layer": 0, "head": 1})
        self.known["patterns-cells", "value"] = "2-1,4-2"
        self.known["patterns-rule", "value"] = "previous"
        for name in ("patterns-averaged", "patterns-found", "patterns-classed"):
            self.job(name)
        self.known["patterns-cell", "value"] = "other→other"

    def _scale(self) -> None:
        key = self.known["run", "data"]["key"]
        at = {"run": key, "layer": 1, "head": 2}
        self.put(scale_scan_asked={"run": key}, scale_maps_asked=at | {"method": "pca"})
        for name in ("scale-scan", "scale-maps"):
            self.job(name)
        self.put(
            scale_view=at | {"method": "pca", "which": "grid", "theme": "light"},
            scale_methods_asked=at | {"tsne": False},
            scale_methods=at | {"tsne": False, "needs": []},
        )
