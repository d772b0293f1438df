"""The commands of ``practio``: they read arguments, call the packages beside them, and print."""
