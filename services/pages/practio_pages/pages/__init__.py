"""The pages, one module each: what it shows, and what its buttons do."""
