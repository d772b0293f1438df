"""Letters that come back: reports in a mailbox, and the bounces that they tell of."""
