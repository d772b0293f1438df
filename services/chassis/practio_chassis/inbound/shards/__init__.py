"""Commands spread over several queues: forwarded in order, consumed by whichever instance holds the shard."""
