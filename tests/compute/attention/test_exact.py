"""Attention from stored vectors, and what may be done to it before it is shown."""

import numpy as np
import pytest

from compute import attention
from compute.errors import HeadscopeError
from tests.patterns import run

CLS, A, B, SEP = 1, 7, 8, 2
ROWS = np.array([[0.5, 0.3, 0.1, 0.1], [0.2, 0.2, 0.2, 0.4], [0.5, 0, 0, 0.5], [0, 0, 0.5, 0.5]])


def made(**changes):
    passages = [[CLS, A, B, SEP]]
    return run(passages, [ROWS[None, None]], causal=False, special={CLS, SEP}, **changes)


def test_attention_is_what_the_vectors_say():
    assert np.allclose(attention.of_passage(made(), 0, 0, 0), ROWS, atol=1e-6)


def test_special_tokens_are_left_out_and_rows_renormalised():
    shown = attention.without_special(made(), 0, ROWS)
    assert np.isnan(shown[[0, 3]]).all() and np.isnan(shown[:, [0, 3]]).all()
    assert np.allclose(shown[1, 1:3], [0.5, 0.5])
    assert np.allclose(shown[2, 1:3], 0), "a row that looks at special tokens only stays empty"


def test_value_norms_weigh_keys_and_rows_still_sum_to_one():
    data = made(v_norm=np.array([[[0, 1, 2, 1]]], np.float32))
    shown = attention.by_value_norm(data, 0, 0, 0, ROWS)
    assert np.allclose(shown[0], np.array([0, 0.3, 0.2, 0.1]) / 0.6)
    assert np.allclose(shown.sum(1), 1)


def test_a_head_that_is_not_there_is_named():
    with pytest.raises(HeadscopeError, match="no head L0H3"):
        attention.of_passage(made(), 0, 3, 0)
