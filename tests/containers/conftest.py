"""The stacks of tests/integration/compose."""

from tests.integration.compose.conftest import dock, outside, production, running

__all__ = ["dock", "outside", "production", "running"]
