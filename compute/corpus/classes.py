"""Classes of the tokens of a corpus: by their role, or by rules of the person's own.

Unlike the classes of one text these are the same in every stretch, whether a token has them or not.
"""

import numpy as np

from compute.runs import labels
from compute.texts import expressions
from compute.texts.token_text import bare
from compute.texts.tokens import Tokens

SINKS = "special", "first"
"""Classes of tokens at which heads rest; no other token has them."""


def names(rules: str) -> tuple[str, ...]:
    """Return all classes, in the order of their numbers.

    Parameters
    ----------
    rules : str
        Lines ``name = pattern``, see `labels.by_rules`; empty for roles.

    Raises
    ------
    HeadscopeError
        If a line is no rule.
    """
    if not rules.strip():
        return labels.ROLES
    own = dict.fromkeys(name for name, _ in labels.read_rules(rules))
    return (*SINKS, *(name for name in own if name not in (*SINKS, "other")), "other")


def numbers(tokens: Tokens, causal: bool, rules: str) -> np.ndarray:
    """Return the number of each token's class, int64 (n,)."""
    known = {name: number for number, name in enumerate(names(rules))}
    found = np.array([known[name] for name in _of(tokens, rules)], np.int64)
    found[tokens.sinks(causal)] = known["first"]
    found[tokens.special] = known["special"]
    return found


def _of(tokens: Tokens, rules: str) -> list[str]:
    if not rules.strip():
        return labels.roles_of(tokens)
    given = labels.read_rules(rules)
    texts = bare(tokens)
    matched = expressions.first_match([rule for _, rule in given], dict.fromkeys(texts))
    found = {text: given[number][0] for text, number in matched.items()}
    return ["other" if found.get(text) in (None, *SINKS) else found[text] for text in texts]
