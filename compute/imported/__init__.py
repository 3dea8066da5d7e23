"""Tensors of one's own: queries and keys that other code has written become a run.

``arrays`` reads files piece by piece, ``words`` their tokens, ``making`` checks all of it and keeps
the run, which ``comparing`` holds against given attention. Needs no torch.
"""
