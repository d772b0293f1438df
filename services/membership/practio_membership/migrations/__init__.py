"""The history of the schema ``membership``."""
