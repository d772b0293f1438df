"""What tests stand on: servers, the stack of services, an outside system, the ledger."""
