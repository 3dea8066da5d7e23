"""Two runs matched: their tokens joined to units both have, and their attention side by side."""
