"""The number of tries to deliver events."""

from prometheus_client import Counter

DELIVERIES = Counter("practio_gateway_deliveries_total", "Tries to deliver an event, and dead letters", ["outcome"])
