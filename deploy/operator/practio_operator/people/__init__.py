"""The data of one person: read from every place where it can be, and erased everywhere."""
