"""What comes back by mail: delivery reports, complaints, and the answers of calendars, in a mailbox."""
