"""The Docker engine: whether it answers, and whether it has what the stack needs."""

import shutil
import subprocess

from practio_operator.console.output import step

IMAGES = ("python:3.13-slim", "postgres:17", "rabbitmq:4-management", "maildev/maildev:2.2.1")
"""The base images of compose.yaml and the Dockerfiles."""

ANSWER_SECONDS = 15
PULL_SECONDS = 600


def missing_for_docker() -> str | None:
    """Return why the stack cannot run on Docker here, as the end of a sentence; None if it can.

    Missing images are pulled.
    """
    if not shutil.which("docker"):
        return "Docker is not installed"
    if not _succeeds("info"):
        return "no Docker engine answers"
    if not _succeeds("compose", "version"):
        return "Docker has no Compose"
    unreachable = [image for image in IMAGES if not _is_here(image)]
    return f"Docker has no image {unreachable[0]} and cannot pull it" if unreachable else None


def _is_here(image: str) -> bool:
    if _succeeds("image", "inspect", image):
        return True
    with step(f"Pulling {image}"):
        return _succeeds("pull", "--quiet", image, seconds=PULL_SECONDS)


def _succeeds(*arguments: str, seconds: float = ANSWER_SECONDS) -> bool:
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
