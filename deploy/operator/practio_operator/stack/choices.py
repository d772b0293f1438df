"""What people may do by pages: settings of the environment of `practio up` that a local stack takes over."""

import os

SELF_INTRODUCTION = "PRACTIO_SELF_INTRODUCTION"
START_ROOMS = "PRACTIO_START_ROOMS"


def chosen(*names: str) -> dict[str, str]:
    """Return those of the settings that the environment names; the others keep their default."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}
