"""From the broker to the handler: admission, batches, acknowledgements, retries."""
