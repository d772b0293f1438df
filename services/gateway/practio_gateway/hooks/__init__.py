"""Events by HTTPS: each of an account posted to an address, signed, in order by subject, until it was taken."""
