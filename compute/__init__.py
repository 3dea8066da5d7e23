"""All numbers: models, vectors, attention, maps and scores. Knows nothing of the page."""
