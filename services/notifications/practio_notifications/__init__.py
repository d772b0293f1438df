"""Notifications: from fact to letter."""
