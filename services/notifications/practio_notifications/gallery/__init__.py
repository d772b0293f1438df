"""A gallery of letters: every kind in every language, of a community that was made up, to be read before it is sent."""
