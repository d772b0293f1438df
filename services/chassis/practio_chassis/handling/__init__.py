"""Handling: one transaction for a batch of messages, and what it writes."""
