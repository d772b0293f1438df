"""The stacks of tests/integration/compose."""

from tests.integration.compose.conftest import dock, files, outside, production, running

__all__ = ["dock", "files", "outside", "production", "running"]
