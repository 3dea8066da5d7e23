"""The Hugging Face hub: what is in its local cache, what it offers, downloads. Needs no torch."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from huggingface_hub import HfApi, constants, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from huggingface_hub.file_download import repo_folder_name

from compute.errors import HeadscopeError
from compute.model_files.folders import ADAPTER


def cached(spec: str) -> Path | None:
    """Return the folder of a model's or an adapter's newest snapshot on this machine, or None."""
    for name in ("config.json", ADAPTER):
        with _sentences(spec):
            file = try_to_load_from_cache(spec, name)
        if isinstance(file, str):
            return Path(file).parent
    return None


def gguf(spec: str, name: str, timeout: float) -> tuple[Path, str, str]:
    """Return where a GGUF file of a repository is, or will be after a download.

    Parameters
    ----------
    spec, name : str
        The repository, and the file's name in it.
    timeout : float
        Seconds to wait for the hub; it is asked only if the file is not on this machine.

    Returns
    -------
    file : Path
    digest : str
        Its SHA-256, as the hub says it; empty for a file that is here.
    revision : str
        The repository's revision that it is of.

    Raises
    ------
    HeadscopeError
        As `look_up`, and if the repository has no such file.
    """
    with _sentences(spec):
        file = try_to_load_from_cache(spec, name)
        if isinstance(file, str):
            return Path(file), "", Path(file).parents[name.count("/")].name
        found = HfApi().model_info(spec, timeout=timeout, files_metadata=True)
    files = {each.rfilename: each for each in found.siblings or []}
    stored = getattr(files.get(name), "lfs", None)
    if stored is None:
        some = ", ".join(sorted(each for each in files if each.endswith(".gguf"))[:3]) or "none"
        raise HeadscopeError(f"{spec} has no GGUF file {name}. Those that it has: {some}.")
    folder = _home(spec) / "snapshots" / str(found.sha)
    return folder / name, stored.sha256, str(found.sha)


def look_up(spec: str, timeout: float) -> tuple[Path, list[str]]:
    """Ask the hub for a model.

    Parameters
    ----------
    spec : str
        ``name`` or ``owner/name``.
    timeout : float
        Seconds to wait.

    Returns
    -------
    folder : Path
        Where a download of its current revision would lie.
    names : list of str
        Its files.

    Raises
    ------
    HeadscopeError
        If there is no such model, no access to it, or no way to the hub.
    """
    with _sentences(spec):
        api = HfApi()
        found = api.model_info(spec, timeout=timeout)
        if found.gated:
            api.auth_check(spec)
    names = [file.rfilename for file in found.siblings or []]
    return _home(spec) / "snapshots" / str(found.sha), names


def offered(spec: str, revision: str) -> dict[str, int]:
    """Return the names of a revision's files, and their bytes; 0 where the hub doesn't say.

    Raises
    ------
    HeadscopeError
        As `look_up`.
    """
    with _sentences(spec):
        found = HfApi().model_info(spec, revision=revision, files_metadata=True)
    return {file.rfilename: file.size or 0 for file in found.siblings or []}


def download(spec: str, revision: str, files: Mapping[str, int]) -> None:
    """Download files of a revision, of which the names and the bytes are given.

    Raises
    ------
    HeadscopeError
        As `look_up`, and when the disk has no room for them.
    """
    with _sentences(spec):
        home = Path(constants.HF_HUB_CACHE)
        home.mkdir(parents=True, exist_ok=True)
        free, need = shutil.disk_usage(home).free, sum(files.values())
        if need > free:
            raise HeadscopeError(
                f"{spec} has {need / 2**30:,.1f} GiB to download, and {free / 2**30:,.1f} GiB are "
                f"free in {home}. Make room, or set HF_HOME to another folder."
            )
        snapshot_download(spec, revision=revision, allow_patterns=list(files))


def _home(spec: str) -> Path:
    return Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=spec, repo_type="model")


@contextlib.contextmanager
def _sentences(spec: str) -> Iterator[None]:
    """Say in a sentence what went wrong with the hub."""
    try:
        yield
    except GatedRepoError as error:
        raise HeadscopeError(
            f"{spec} is gated: its owner must grant you access on huggingface.co. Then log in "
            "with the command: hf auth login"
        ) from error
    except RepositoryNotFoundError as error:
        raise HeadscopeError(
            f"There is no folder {spec} and no model of that name on the Hugging Face hub, or it "
            "is private. Check the spelling; for a private model log in with: hf auth login"
        ) from error
    except DisabledRepoError as error:
        raise HeadscopeError(f"The Hugging Face hub has disabled {spec}.") from error
    except HFValidationError as error:
        raise HeadscopeError(
            f"{spec} is neither a folder nor a possible Hugging Face id (name or owner/name)."
        ) from error
    except HfHubHTTPError as error:
        raise HeadscopeError(
            f"The Hugging Face hub answered with an error about {spec} "
            f"(HTTP {error.response.status_code}). Try again later."
        ) from error
    except (OfflineModeIsEnabled, LocalEntryNotFoundError, HTTPError, ConnectionError) as error:
        raise HeadscopeError(
            f"{spec} is not on this machine, and the Hugging Face hub can't be reached. Check the "
            "spelling and the network, or name a folder."
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HeadscopeError(f"{spec} could not be downloaded: {reason}.") from error
