"""The basis of tests: servers, the stack of services, an outside system, the ledger."""
