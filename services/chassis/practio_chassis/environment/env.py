"""Settings from the environment: a variable's value, or the content of the file that ``<name>_FILE`` names."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "PRACTIO_"


class FileSettingError(Exception):
    """A variable, or its file, has no usable value; the text explains it in one sentence."""


def read_setting(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a variable's value, or the content of the file that ``<name>_FILE`` names, or an empty text.

    Surrounding spaces, line ends and a byte order mark are removed. Raise FileSettingError if both are given, or if
    that file is unreadable, empty, or has more than one line.
    """
    value, path = (environment.get(each, "").strip() for each in (name, f"{name}_FILE"))
    if value and path:
        raise FileSettingError(f"{name} and {name}_FILE are both set: give one of them")
    return _read(name, path) if path else value


def _read(name: str, path: str) -> str:
    try:
        value = Path(path).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise FileSettingError(f"{name}_FILE names a file that cannot be read: {error.strerror}: {path}") from None
    except ValueError:
        raise FileSettingError(f"{name}_FILE names a file that is no text: {path}") from None
    if not value:
        raise FileSettingError(f"{name}_FILE names a file with nothing in it: {path}")
    if not value.isprintable():  # parsers of URLs drop line ends, and continue with a URL that nobody intended
        raise FileSettingError(f"{name}_FILE names a file with more in it than one line of text: {path}")
    return value


class EnvSettings(BaseSettings):
    """Settings from variables that start with ``PRACTIO_``, each given directly or as a file's path in ``…_FILE``.

    Raises FileSettingError as ``read_setting`` does.
    """

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in order: the caller's arguments, then the environment."""
        return init_settings, _EnvSource(settings_cls)


class _EnvSource(PydanticBaseSettingsSource):
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return read_setting(f"{PREFIX}{field_name.upper()}") or None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = (self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items())
        return {name: value for value, name, _ in found if value is not None}
