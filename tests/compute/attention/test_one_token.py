"""What one token looks at in all heads is what the passage's attention says, also across."""

import numpy as np
import pytest
from stored import random_cross, random_run

from compute import attention
from compute.attention import one_token
from compute.errors import HeadscopeError


@pytest.mark.parametrize("causal", [True, False])
def test_a_row_and_a_column_of_every_head(causal, monkeypatch):
    run = random_run(causal=causal)
    monkeypatch.setattr(one_token, "CELLS", 5 * 3 * 12)  # five rows of all heads at a time
    for layer, head in np.ndindex(2, 3):
        whole = attention.of_passage(run, layer, head, 2)
        assert np.allclose(one_token.of_all_heads(run, 24 + 5)[layer, head], whole[5], atol=1e-6)
        column = one_token.of_all_heads(run, 24 + 5, "key")[layer, head]
        assert np.allclose(column, whole[:, 5], atol=1e-6)


def test_in_cross_attention_keys_are_of_the_source():
    run = random_cross()
    whole = attention.of_passage(run, 1, 1, 3)
    assert np.allclose(one_token.of_all_heads(run, 3 * 9 + 4)[1, 1], whole[4], atol=1e-6)
    assert np.allclose(one_token.of_all_heads(run, 3 * 12 + 11, "key")[1, 1], whole[:, 11])


def test_a_token_that_is_not_there():
    with pytest.raises(HeadscopeError, match="no such token"):
        one_token.of_all_heads(random_run(), 72)
