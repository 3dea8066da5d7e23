"""Tensors of one's own: queries and keys that other code has written become a run.

``arrays`` reads files piece by piece, ``words`` their tokens, ``making`` checks all of it, holds it
against given attention and keeps the run. Needs no torch.
"""
