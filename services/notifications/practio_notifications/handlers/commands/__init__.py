"""The handlers of commands, by what they are about."""
