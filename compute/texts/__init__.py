"""Texts: collections of passages, their tokens, and what tokens look like.

From outside: `texts.load`, `built_in`, `from_user`, `save_user` and `Text`; the record of tokens is
`tokens.Tokens`.
"""

from compute.texts.collections import BUILT_IN, LONGEST, Text, built_in, from_user, load, save_user

__all__ = ["BUILT_IN", "LONGEST", "Text", "built_in", "from_user", "load", "save_user"]
