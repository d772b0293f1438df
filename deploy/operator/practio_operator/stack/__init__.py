"""The stack on one machine: its backing, its servers, its services, its mail."""
