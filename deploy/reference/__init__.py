"""The contract as one page to read: every message with its fields and an example (``make docs``)."""
