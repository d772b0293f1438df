"""Handlers of commands, one module per subject."""
