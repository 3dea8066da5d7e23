"""From what a person types to a model that can be loaded; light, no torch here.

``catalog`` finds it, in packages, folders, files or on the ``hub``; ``adapters`` are laid over
another model, ``precision`` settles what weights are loaded as, ``known`` remembers what was
opened.
"""
