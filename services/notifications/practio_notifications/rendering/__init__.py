"""Rendering: from a composed letter to a MIME message."""
