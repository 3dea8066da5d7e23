"""The stage "Patterns": see ``stage`` for what is there, ``callbacks`` for what it does."""
