"""The images: their content, their labels, and how they run."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.integration.compose.docker_stack import docker

from practio_operator.stack import engine
from practio_operator.stack.compose import COMPOSE_FILE
from practio_operator.stack.stack import PARTS

BASE = "python:3.13-slim"
MOST_MB = {"operator": 180, "gateway": 150} | dict.fromkeys(PARTS, 150)
"""The limit beyond the base; the operator's image contains every service, since it migrates, and the backup tools."""

pytestmark = pytest.mark.thorough

VERSION, REVISION = "0.0.0-of-a-test", "0123456789abcdef"
NAMES = (*PARTS, "gateway", "operator")
OF_THE_GATEWAY = COMPOSE_FILE.parent / "gateway" / "compose.yaml"
"""The gateway is no part of a stack: it runs by a file of its own."""

CONFINED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")
FOR_BUILDING = """
import importlib.util, json, shutil
modules = [name for name in ("pip", "ensurepip", "hatchling") if importlib.util.find_spec(name)]
print(json.dumps(modules + [name for name in ("cc", "gcc", "g++", "make", "git", "uv") if shutil.which(name)]))
"""
UNKNOWN_ZONES = """
import json, sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from practio_contracts.fields import time_zones

def is_unknown(name):
    try:
        return name not in time_zones() or ZoneInfo(name).utcoffset(datetime.now(UTC)) is None
    except LookupError:
        return True

print(json.dumps([name for name in sys.argv[1:] if is_unknown(name)]))
"""
BACKWARD = {"Asia/Calcutta", "US/Eastern", "GB", "Europe/Kiev", "America/Buenos_Aires", "EST5EDT", "Zulu"}
"""Names that only the file `backward` of the IANA list has; Debian has them in a package of their own."""


@dataclass(frozen=True)
class Image:
    """One of Practio's images, by its tag."""

    tag: str

    async def inspected_config(self) -> dict[str, Any]:
        """Return the engine's description of it."""
        return await inspected(self.tag)

    async def run(self, program: str, *arguments: str) -> str:
        """Run a program in it, confined as compose.yaml confines it; return its output."""
        return await docker("run", "--rm", "--network=none", *CONFINED, "--entrypoint", program, self.tag, *arguments)


@pytest_asyncio.fixture(scope="module")
async def images() -> AsyncIterator[dict[str, Image]]:
    """Yield the images as Compose builds them, with a version and a revision; they are gone at the end."""
    if missing := engine.missing_for_docker():
        pytest.skip(f"Images cannot be built here: {missing}")
    version = {"PRACTIO_VERSION": VERSION, "PRACTIO_REVISION": REVISION}
    await docker("compose", "--file", str(COMPOSE_FILE), "build", environment=version)
    needed = {"PRACTIO_BROKER_ADDRESS": "amqp://broker/practio"}
    await docker("compose", "--file", str(OF_THE_GATEWAY), "build", "gateway", environment=version | needed)
    yield {name: Image(f"practio-{name}:{VERSION}") for name in NAMES}
    await docker("image", "rm", *(f"practio-{name}:{VERSION}" for name in NAMES))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of one part after the other."""
    return str(request.param)


@pytest.fixture
def image(images: dict[str, Image], name: str) -> Image:
    """Return the image of that part."""
    return images[name]


async def inspected(tag: str) -> dict[str, Any]:
    """Return the engine's description of an image."""
    found: dict[str, Any] = json.loads(await docker("image", "inspect", tag))[0]
    return found


async def test_an_image_states_its_name_version_and_revision(image: Image, name: str) -> None:
    labels = (await image.inspected_config())["Config"]["Labels"]
    assert {key.removeprefix("org.opencontainers.image."): value for key, value in labels.items()}.items() >= {
        ("title", f"practio-{name}"),
        ("version", VERSION),
        ("revision", REVISION),
    }


async def test_an_image_starts_its_own_program_as_a_user_without_rights(image: Image, name: str) -> None:
    config = (await image.inspected_config())["Config"]
    assert config["User"] == "10001"
    assert config["Entrypoint"] == (
        ["practio"] if name in ("operator", "gateway") else ["python", "-m", f"practio_{name}"]
    )
    assert config["Cmd"] == (["--help"] if name == "operator" else ["serve"])


async def test_an_image_is_small_on_top_of_its_base(image: Image, name: str) -> None:
    base, whole = await inspected(BASE), await image.inspected_config()
    layers = base["RootFS"]["Layers"]
    assert whole["RootFS"]["Layers"][: len(layers)] == layers
    assert (whole["Size"] - base["Size"]) / 1_000_000 < MOST_MB[name]


@pytest.mark.parametrize("python", ["/opt/practio/bin/python", "/usr/local/bin/python"])
async def test_an_image_can_neither_install_nor_compile(image: Image, python: str) -> None:
    assert json.loads(await image.run(python, "-c", FOR_BUILDING)) == []


async def test_an_image_knows_every_zone_of_the_iana_list_backward_links_included(image: Image) -> None:
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    assert {*names} >= BACKWARD
    assert json.loads(await image.run("python", "-c", UNKNOWN_ZONES, *names)) == []
    assert json.loads(await image.run("python", "-c", UNKNOWN_ZONES, "Europe/Atlantis")) == ["Europe/Atlantis"]


async def test_an_image_runs_confined_and_cannot_change_itself(image: Image, name: str) -> None:
    entrypoint = (await image.inspected_config())["Config"]["Entrypoint"]
    assert "usage" in (await image.run(*entrypoint, "--help")).lower()
    writable = "import os; print([path for path in ('/', '/opt/practio', '/etc', '/usr') if os.access(path, os.W_OK)])"
    unlocked = ("run", "--rm", "--network=none", "--entrypoint", "python", image.tag, "-c", writable)
    assert (await docker(*unlocked)).strip() == "[]"


@pytest.mark.parametrize(
    "dockerfile", sorted(COMPOSE_FILE.parents[1].glob("*/*/Dockerfile")), ids=lambda p: p.parent.name
)
def test_the_base_image_and_all_packages_are_pinned_and_checked(dockerfile: Path) -> None:
    text = dockerfile.read_text().replace("\\\n", " ")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert f"ARG PYTHON_IMAGE={BASE}" in lines
    assert {line.split()[1] for line in lines if line.startswith("FROM")} == {"${PYTHON_IMAGE}"}
    installs = [
        part
        for line in lines
        if line.startswith("RUN")
        for part in line.split("&&")
        if re.search(r"pip .*install ", part)
    ]
    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes --only-binary :all: -r" in install or "--no-deps --no-index wheels/*.whl" in install
