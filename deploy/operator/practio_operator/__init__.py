"""The command `practio`: it runs Practio on one machine, and lets operators inspect and repair it."""
