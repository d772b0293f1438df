"""Delivery: claiming letters that are due, sending them by SMTP, recording the outcome."""
