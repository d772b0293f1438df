"""Links to a person's pages, made by an operator."""
