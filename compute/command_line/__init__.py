"""``python -m compute``; a new command is a module in ``commands``, named as the command is."""
