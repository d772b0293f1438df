"""The environment of a process: its variables, and whether they are safe for production."""
