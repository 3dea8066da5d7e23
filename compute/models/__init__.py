"""A loaded model: ``loading`` reads it, ``probe`` looks whether its attention is what is captured.

``model`` has the records; ``placing`` says on which device weights go, ``quantised`` what weights
of fewer bits take, ``merging`` lays an adapter over a model; ``unembedding_path`` follows what a
head writes to the logits. Most of it imports torch; ``model`` is light.
"""
