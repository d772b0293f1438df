"""`practio status`: the state of services and queues."""
