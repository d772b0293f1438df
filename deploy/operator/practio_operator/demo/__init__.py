"""`practio demo`: the main job, told step by step as it happens (operations.md)."""
