"""The two models that come with Headscope and were trained for induction."""

import pytest

from compute.finding import catalog
from compute.models import loading
from compute.models.model import Model


@pytest.fixture(scope="session")
def demo_gpt() -> Model:
    return loading.load(catalog.find("demo-gpt"))


@pytest.fixture(scope="session")
def demo_bert() -> Model:
    return loading.load(catalog.find("demo-bert"))
