"""Makes the demo models of `data/models` anew. The app never imports this."""
