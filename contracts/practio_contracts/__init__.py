"""The messages on Practio's broker: the envelope, the models and their catalogue."""
