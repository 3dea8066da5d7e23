"""Spoiled requests against the real app, a short form of benchmarks/fuzz.py."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from fuzzing import witness  # noqa: E402


def test_five_hundred_spoiled_requests_do_no_harm() -> None:
    """Of all kinds: none is answered 500, none leaves a traceback, touches a file, takes memory."""
    fuzz = [sys.executable, ROOT / "benchmarks" / "fuzz.py", "--quick", "--no-browser"]
    command = [*fuzz, "--requests", "500", "--seed", "5"]
    reply = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=ROOT)
    assert reply.returncode == 0, reply.stdout + reply.stderr
    assert "answered 200 with a sentence" in reply.stdout and "answered 400" in reply.stdout


@pytest.mark.parametrize("spoil", ["delete", "change", "add"])
def test_the_fuzz_would_see_a_file_that_was_touched(tmp_path: Path, spoil: str) -> None:
    names = witness.plant(tmp_path)
    before = witness.seen(tmp_path, [])
    assert witness.changes(before, witness.seen(tmp_path, [])) == []
    letter = tmp_path / "outside" / witness.FORGED / "letter.txt"
    assert str(letter.parent) in names
    if spoil == "delete":
        letter.unlink()
    else:
        (letter if spoil == "change" else letter.with_name("new.txt")).write_text("x")
    seen = witness.changes(before, witness.seen(tmp_path, []))
    assert len(seen) == 1 and witness.FORGED in seen[0]
