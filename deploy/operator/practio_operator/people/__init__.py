"""A person: their addresses, and their erasure everywhere."""
