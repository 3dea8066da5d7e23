"""The commands of ``python -m compute``."""
