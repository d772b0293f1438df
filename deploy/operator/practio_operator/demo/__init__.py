"""`practio demo`: the main job, shown step by step as it happens."""
