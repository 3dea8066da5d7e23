"""Joint maps of a head's queries and keys, and how far they can be trusted.

``projection`` has all methods under one call (`projection.METHODS`, `fit`, `load`); ``cloud`` is
what they lay out; ``trust``, ``heldout`` and ``trust_store`` measure; ``scales`` and ``comparison``
vary; ``all_maps``, ``all_scales`` and ``tiles`` do it for all heads; ``out_of_sample`` adds tokens,
``procrustes`` lays one map over another; ``points`` colours.
"""
