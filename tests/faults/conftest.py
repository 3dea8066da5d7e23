"""A server that the tests of one module may treat badly, and a visitor to it."""

from collections.abc import Iterator

import pytest
from servers import Server
from visitor import Visitor


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("cache")) as server:
        yield server


@pytest.fixture
def visitor(server: Server) -> Visitor:
    return Visitor(server)
