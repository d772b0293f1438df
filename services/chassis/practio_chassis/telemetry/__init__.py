"""What operators see: health, logs, metrics and spans."""
