"""How PostgreSQL goes about every query and background loop on tables as large as a big installation's."""
