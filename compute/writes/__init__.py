"""What a head writes: its direct effect on the logits of the token that is predicted.

``held`` is a pass in which only additions and norms with their divisors held lead on from a head;
``following`` follows a head's output along it to the final states, ``prediction`` makes logits of
those, ``checks`` says whether the sums hold. ``at_place`` measures one position, ``over_text`` a
whole text; these two are light, and import torch when they measure.
"""
