"""The broker, database and services that a command works on."""
