"""The membership workflow: who asks, who waits, who is in."""
