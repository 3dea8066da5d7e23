"""Where weights come from, and what a model has.

``catalog`` finds what a person means (``names``, ``sources``, ``packaged``, ``folders``, ``hub``,
``digests``, ``sizes``, ``adapters``), ``known`` tells which were opened before, ``loading`` loads
one (``files``, ``likely``, ``kinds``, ``quantised``, ``libraries``, ``skeleton``, ``probe``,
``merging``); a GGUF file is converted first (``gguf_models``, ``gguf_header``, ``gguf_settings``,
``gguf_reader``); ``unembedding_path`` follows what a head writes to the logits.
``model`` has the records. What loads or runs a model imports torch; the rest is light.
"""
