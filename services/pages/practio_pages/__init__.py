"""Pages that letters lead to: where members and hosts act, without JavaScript, an account or a database."""
