"""The rules of the catalogue: pure functions from what is, a command and now to an event or a refusal (rooms.md)."""
