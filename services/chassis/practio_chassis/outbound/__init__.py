"""To the broker: the relay of the outbox, and replies."""
