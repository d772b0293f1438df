"""Handlers of internal commands, which timers and the service itself send."""
