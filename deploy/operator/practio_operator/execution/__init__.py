"""How work runs: concurrently, and until it is interrupted."""
