"""Which property of the tokens made a head's queries and keys match, by contrastive covariances.

``asking`` makes of a property and a run what is measured (`asking.Question`), ``finding`` answers
it for a head and ``every_head`` for all; ``chance`` is what exchanged passages give, ``removal``
the attention without the directions, ``verdicts`` what to make of it, in words.
"""
