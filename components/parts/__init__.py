"""What the page's parts are made of: controls, tables, jobs, what is saved.

``part`` is what a part or a stage says of itself, ``jobs`` its background jobs, ``browser`` its
callbacks that scripts answer, ``errors`` how problems are told. ``controls``, ``head_table``,
``passage_chooser`` and ``save_table`` are what several of them show.
"""
