"""Practio over HTTP: commands, queries and people in, for systems without AMQP."""
