"""Starting from what exists: people and members out of CSV files."""
