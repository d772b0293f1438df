"""Letters that are sent again: which ones an operator means, and the commands that do it."""
