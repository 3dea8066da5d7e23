"""How far nearness on a map can be read as attention.

``trust`` measures a map, ``heldout`` one of passages that were placed without their own attention,
and ``trust_store`` keeps what was found beside the map.
"""
