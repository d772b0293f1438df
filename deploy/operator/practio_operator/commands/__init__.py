"""The commands of ``practio``: they read arguments, call the other packages, and print."""
