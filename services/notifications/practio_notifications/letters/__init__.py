"""The rules about letters: which there are, their recipients, their relevance and their outcomes. Pure."""
