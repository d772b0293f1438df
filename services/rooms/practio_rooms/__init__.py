"""The room catalogue: what rooms state, and their lifecycle."""
