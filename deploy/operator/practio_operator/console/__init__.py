"""The terminal: output for people and programs, and the errors that end a command."""
