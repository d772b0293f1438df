"""The settings of hooks: environment variables that start with ``PRACTIO_``, and the file that lists the hooks."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from practio_chassis.environment.env import read_setting
from practio_chassis.environment.production_checks import broker_faults, secret_faults
from practio_chassis.settings import BrokerUrl, LogLevel, Port, SafeSettings
from practio_gateway.hooks.hook import Hook
from practio_gateway.hooks.signing import PREFIX, checked_secret

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_MOST_HOOKS = 100
_MOST_SECRETS = 2


class _HookTable(BaseModel):
    """One table of the file, ``[hooks.<name>]``; what is secret may be in files of its own (``…_file``)."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    url: str
    broker_url: BrokerUrl
    secrets: Annotated[list[SecretStr], Field(min_length=1, max_length=_MOST_SECRETS)]
    allowed_networks: list[IPvAnyNetwork] = []
    authority: Path | None = None
    patience_hours: Annotated[float, Field(ge=0, le=72)] = 12.0
    longest_pause_seconds: Annotated[float, Field(ge=1, le=1200)] = 300.0
    connect_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    read_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    whole_seconds: Annotated[float, Field(gt=0, le=120)] = 20.0
    at_once: Annotated[int, Field(ge=1, le=100)] = 8
    in_hand: Annotated[int, Field(ge=1, le=1000)] = 200

    @model_validator(mode="before")
    @classmethod
    def _with_files(cls, table: Any) -> Any:
        """Read the files that ``broker_url_file`` and ``secret_files`` name."""
        if not isinstance(table, dict):
            return table
        read = dict(table)
        if path := read.pop("broker_url_file", None):
            read["broker_url"] = _content(path)
        if paths := read.pop("secret_files", None):
            read["secrets"] = [_content(each) for each in paths]
        return read

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.fragment:
            raise ValueError("url: write it as https://host/path, without a login")
        if self.authority is not None and not self.authority.is_file():
            raise ValueError(f"authority names no file: {self.authority}")
        for secret in self.secrets:
            checked_secret(secret.get_secret_value())
        return self

    def hook(self, name: str) -> Hook:
        """Return the hook of this table."""
        return Hook(
            name=name,
            url=self.url,
            broker_url=self.broker_url.get_secret_value(),
            secrets=[each.get_secret_value() for each in self.secrets],
            allowed=self.allowed_networks,
            authority=self.authority,
            patience=self.patience_hours * 3600,
            longest_pause=self.longest_pause_seconds,
            connect_seconds=self.connect_seconds,
            read_seconds=self.read_seconds,
            whole_seconds=self.whole_seconds,
            at_once=self.at_once,
            in_hand=self.in_hand,
        )


_TABLES = TypeAdapter(Annotated[dict[str, _HookTable], Field(min_length=1, max_length=_MOST_HOOKS)])


def _readable(path: Path) -> Path:
    hooks_in(path)
    return path


class HookSettings(SafeSettings):
    """The settings of the process that posts events; ``hooks`` is the path of the file that lists them."""

    hooks: Annotated[Path, AfterValidator(_readable)]
    http_host: str = "127.0.0.1"
    http_port: Port = 8080
    log_level: LogLevel = "info"

    @property
    def listed(self) -> list[Hook]:
        """Return the hooks of the file."""
        return hooks_in(self.hooks)

    def faults(self) -> Iterator[str]:
        """Check the brokers and the secrets of all hooks."""
        for hook in self.listed:
            yield from broker_faults(f"the broker_url of the hook {hook.name}", hook.broker_url)
            secrets = [each.removeprefix(PREFIX) for each in hook.secrets]
            yield from secret_faults(f"a secret of the hook {hook.name}", secrets)


def hooks_in(path: Path) -> list[Hook]:
    """Return the hooks that a file lists; raise ValueError with a sentence, without secrets, if it is faulty."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"names a file that cannot be read: {error.strerror}: {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"names a file that is no TOML: {error}") from None
    if unknown := tables.keys() - {"hooks"}:
        raise ValueError(f"the file has only tables [hooks.<name>]; not {', '.join(sorted(unknown))}")
    try:
        found = _TABLES.validate_python(tables.get("hooks", {}))
    except ValidationError as error:
        raise ValueError("; ".join(map(_fault, error.errors(include_url=False, include_input=False)))) from None
    if wrong := [name for name in found if not _NAME.fullmatch(name)]:
        raise ValueError(f"{wrong[0]!r} is no name for a hook: use lower-case letters, digits and hyphens")
    return [table.hook(name) for name, table in found.items()]


def _fault(fault: Any) -> str:
    place = ".".join(str(step) for step in ("hooks", *fault["loc"]))
    return f"{place}: {fault['msg'].removeprefix('Value error, ')}"


def _content(path: object) -> str:
    return read_setting("the value", {"the value_FILE": str(path)})
