"""The handlers of events: they update the projections, and queue letters."""
