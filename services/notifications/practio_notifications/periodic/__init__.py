"""What notifications does when it is time, without a message: reminders, and announcements of added dates."""
