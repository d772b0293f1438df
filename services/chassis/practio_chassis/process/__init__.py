"""The process: its event loop, its background loops, and its end."""
