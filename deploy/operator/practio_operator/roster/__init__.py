"""The roster of a room, for people and for spreadsheets."""
