"""What rooms does when it is time, without a message: sweeping, looking after rooms, months, certificates."""
