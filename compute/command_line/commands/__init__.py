"""The commands, a module each: `command` is for typer, `PLACE` its place in the help."""
