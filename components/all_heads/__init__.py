"""The stage "All heads": see ``stage`` for what is there, ``callbacks`` for what it does."""
