"""What the renderings of letters and of pages share: compiled templates, and time zones for calendars."""
