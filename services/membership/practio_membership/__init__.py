"""The membership workflow: requests, the waitlist, and seats."""
