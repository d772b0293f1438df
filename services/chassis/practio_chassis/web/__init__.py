"""What processes that answer over HTTP share: the server, and how often a client may ask."""
