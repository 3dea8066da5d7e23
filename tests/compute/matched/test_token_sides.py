"""Tokens of one part of an encoder–decoder in another, as they are known beforehand."""

from dataclasses import replace

import numpy as np
import pytest
from patterns import run_of

from compute.errors import HeadscopeError
from compute.matched.token_alignment import match
from compute.matched.token_sides import ways
from compute.runs import Run

SOURCE = (["copy:", "old", "men", "sing"], ["a", "dog", "ran"])
TARGET = (["<s>", "old", "men"], ["<s>", "ran", "dog", "a"])


def part(name: str, *passages: list[str], keys: Run | None = None) -> Run:
    run = run_of(*passages)
    source = keys.tokens if keys else None
    return replace(run, key=name, model=replace(run.model, part=name), source=source)


ENCODER, DECODER = part("encoder", *SOURCE), part("decoder", *TARGET)
CROSS = part("cross", *TARGET, keys=ENCODER)


def said(a: Run, b: Run) -> list[dict]:
    return [{role: (w.role, w.tokens.tolist()) for role, w in own.items()} for own in ways(a, b)]


def test_tokens_of_the_encoder_are_keys_of_the_cross_attention() -> None:
    every = [*range(7)]
    of_encoder = {"query": ("key", every), "key": ("key", every)}
    assert said(ENCODER, CROSS) == [of_encoder, {"key": ("key", every)}]


def test_tokens_of_the_decoder_are_its_queries() -> None:
    every = [*range(7)]
    of_decoder = {"query": ("query", every), "key": ("query", every)}
    assert said(CROSS, DECODER) == [{"query": ("query", every)}, of_decoder]
    assert said(ENCODER, DECODER) == [{}, {}]


def test_another_model_cuts_the_source_in_other_pieces() -> None:
    other = run_of(["copy", ":", "old", "men", "si", "##ng"], ["a", "dog", "ran"])
    one, two = ways(CROSS, other)
    assert one["key"].role == "key" and "query" not in one
    assert one["key"].tokens.tolist() == [0, 2, 3, 4, 6, 7, 8]
    assert two["query"].role == "key"
    assert two["query"].tokens.tolist() == [0, 0, 1, 2, 3, 3, 4, 5, 6]
    assert ways(CROSS, run_of(["something", "else"], ["a", "dog", "ran"])) == ({}, {})


def test_cross_attention_is_matched_on_both_sides_with_cross_attention_alone() -> None:
    found = match(CROSS, CROSS)
    assert (len(found.ordinary), len(found.keys.ordinary)) == (7, 7)
    assert found.keys.starts.tolist() == [0, 4, 7] and found.starts.tolist() == [0, 3, 7]
    assert np.array_equal(match(ENCODER, ENCODER).keys.a, np.arange(7))
    with pytest.raises(HeadscopeError, match="Only one of the two is cross-attention"):
        match(ENCODER, CROSS)
    with pytest.raises(HeadscopeError, match="The encoder reads the source and the decoder"):
        match(ENCODER, DECODER)
