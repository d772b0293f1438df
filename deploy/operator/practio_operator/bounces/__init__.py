"""Bounces: delivery reports and complaints in a mailbox."""
