"""The stack on one machine: what it stands on, its servers, its services, its mail."""
