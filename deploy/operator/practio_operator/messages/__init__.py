"""Messages from the terminal: sending, asking, watching."""
