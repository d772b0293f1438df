"""The stacks of tests/integration/compose."""

from tests.integration.compose.conftest import docker_stack, files, outside, production, running

__all__ = ["docker_stack", "files", "outside", "production", "running"]
