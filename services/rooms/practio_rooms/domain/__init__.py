"""The rules of the catalogue: pure functions from state, command and time to an event or a refusal."""
