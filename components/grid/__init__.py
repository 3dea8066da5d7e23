"""The grids of all heads beside every stage, and the scores that colour them."""
