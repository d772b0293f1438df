"""How fast it is: join requests through all services, beside a bare loop on the same servers (`make bench`)."""
