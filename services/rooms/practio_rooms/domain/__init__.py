"""The rules of the catalogue: pure functions from what is, a wish and now to a fact or a refusal (rooms.md)."""
