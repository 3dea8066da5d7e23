"""From what size on something is said of a head; all of it also has to be above chance."""

LOOKS = 0.2
"""Mean attention on the edges of a head that looks along them."""
SHARE = 0.05
"""Of a head's contrast: what an earlier head must make of it to be said to build it."""
RISE = 0.02
"""Attention on the edges that a head must gain to be said to rise."""
MOST = 8
"""Heads that look along the edges whose builders are looked for, the strongest first."""
