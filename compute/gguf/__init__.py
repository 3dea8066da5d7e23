"""GGUF files, which transformers reads slowly and not wholly: converted once into the cache.

``headers`` reads what a file says of itself, ``reading`` its tensors, ``settings`` what
transformers leaves out; ``conversion`` writes weights, settings and tokenizer to a folder.
"""
