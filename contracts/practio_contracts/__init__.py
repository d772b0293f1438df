"""What is said on Practio's broker: the envelope, the messages and their catalogue."""
