"""The broker: its topology as data, connections to it, and the decoding of AMQP properties."""
