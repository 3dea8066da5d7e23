"""The stage "Induction lab": see ``stage`` for what is there, ``callbacks`` for what it does."""
