"""`practio outbox`: messages that services could not publish."""
