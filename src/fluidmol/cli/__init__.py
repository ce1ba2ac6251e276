"""The command line: thin commands, no science."""
