"""The history of the schema ``rooms``."""
