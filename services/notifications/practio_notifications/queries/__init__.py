"""Query handlers."""
