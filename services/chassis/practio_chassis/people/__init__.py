"""People: where a service has data about them, whom a batch names as erased, and what dead letters may keep."""
