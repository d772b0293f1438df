"""Notifications: from event to letter."""
