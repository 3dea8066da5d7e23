"""Random sequences of tokens that come again, and models run on them with heads taken out.

``designs`` draws them, ``planned`` fits them to a model, ``trial_scores`` reads attention on them,
``head_ablation`` names heads and replaces what they pass on.
"""
