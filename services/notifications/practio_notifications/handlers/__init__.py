"""Handlers: one function per command and event."""
