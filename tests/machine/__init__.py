"""The membership workflow as a machine: any interleaving of commands, timers and edits, for as long as it is given."""
