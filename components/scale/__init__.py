"""The stage "Scale": see ``stage`` for what is there, ``callbacks`` for what it does."""
