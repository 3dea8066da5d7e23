"""What heads do on a text, in numbers: scores, patterns, classes of tokens, likeness of heads."""
