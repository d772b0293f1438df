"""Words that promise a free seat to somebody, though nobody may wait or want it, or the waitlist is off."""

FOR_SURE = r"next person|goes to some(?:one|body)|is (?:now )?offered to|offered the seat automatically"
