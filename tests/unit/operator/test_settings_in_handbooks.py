"""Every setting of a process stands in a README, so that operators find it."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic_settings import BaseSettings

from practio_chassis.settings import MigrationSettings
from practio_gateway.hooks.settings import HookSettings
from practio_gateway.settings import Settings as GatewaySettings
from practio_membership.settings import Settings as MembershipSettings
from practio_notifications.settings import Settings as NotificationsSettings
from practio_pages.settings import Settings as PagesSettings
from practio_rooms.settings import Settings as RoomsSettings

ROOT = Path(__file__).parents[3]
ALL = (
    RoomsSettings,
    MembershipSettings,
    NotificationsSettings,
    PagesSettings,
    GatewaySettings,
    HookSettings,
    MigrationSettings,
)
NAME = re.compile(r"\bPRACTIO(?:_[A-Z0-9]+)+\b")
REST = re.compile(r"`…((?:_[A-Z0-9]+)+)`")


def named_in(line: str) -> Iterator[str]:
    """Yield the settings that a line names; `PRACTIO_SMTP_HOST`, `…_PORT` names two."""
    names = NAME.findall(line)
    yield from names
    for rest in REST.findall(line):
        for name in names:
            parts = name.split("_")
            yield from ("_".join(parts[:end]) + rest for end in range(1, len(parts)))


def settings_of(kind: type[BaseSettings]) -> set[str]:
    return {f"PRACTIO_{name.upper()}" for name in kind.model_fields}


def test_every_setting_is_documented() -> None:
    handbooks = [*(ROOT / "deploy").rglob("*.md"), *(ROOT / "services").glob("*/README.md")]
    lines = (line for each in handbooks for line in each.read_text(encoding="utf-8").splitlines())
    documented = {name for line in lines for name in named_in(line)}
    wanted = {name for kind in ALL for name in settings_of(kind)}
    assert wanted - documented == set()
