"""The frame under every service: how a message travels, with no word about what it means."""
