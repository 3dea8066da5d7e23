"""Tiny models to extract vectors with."""

from collections.abc import Callable
from pathlib import Path

import pytest
import tiny

from compute.finding import catalog
from compute.models import loading
from compute.models.model import Model


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Model]:
    """Load a tiny random model of a family."""
    return lambda family: loading.load(catalog.find(str(tiny.save(tmp_path / family, family))))
