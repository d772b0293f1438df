"""What a service prints about its settings before it starts."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from practio_chassis.cli import read_settings
from practio_chassis.settings import MigrationSettings, Settings
from practio_gateway.settings import Settings as GatewaySettings
from practio_notifications.settings import Settings as NotificationsSettings
from practio_pages.settings import Settings as PagesSettings

SAFE = {
    "PRACTIO_ENVIRONMENT": "production",
    "PRACTIO_BROKER_URL": "amqps://practio-rooms:own@broker/practio",
    "PRACTIO_BROKER_ADDRESS": "amqps://broker/practio",
    "PRACTIO_DATABASE_URL": "postgresql://practio_rooms:own@database/practio?sslmode=verify-full",
    "PRACTIO_PAGES_URL": "https://rooms.example.org",
    "PRACTIO_LINK_KEYS": "k" * 32,
    "PRACTIO_SMTP_HOST": "mail.example.org",
    "PRACTIO_SMTP_USERNAME": "practio",
    "PRACTIO_SMTP_PASSWORD": "own",
    "PRACTIO_MAIL_FROM": "practio@example.org",
}
ALL = [Settings, MigrationSettings, NotificationsSettings, PagesSettings, GatewaySettings]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in SAFE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def complaint(settings: type[BaseSettings], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        read_settings(settings)
    assert ended.value.code == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    return message


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("settings", ALL)
def test_safe_settings_start_in_production(settings: type[BaseSettings]) -> None:
    assert read_settings(settings)


@pytest.mark.parametrize("settings", [Settings, NotificationsSettings, PagesSettings])
def test_a_broker_in_plain_text_stops_the_start(
    settings: type[BaseSettings], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_BROKER_URL", "amqp://practio-rooms:own@broker/practio")
    assert complaint(settings, capsys).startswith(
        "practio: settings are not safe for production: PRACTIO_BROKER_URL is not protected"
    )


@pytest.mark.parametrize("settings", [Settings, MigrationSettings, NotificationsSettings])
def test_a_database_that_is_not_verified_stops_the_start(
    settings: type[BaseSettings], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_DATABASE_URL", "postgresql://practio_rooms:own@database/practio?sslmode=require")
    assert "PRACTIO_DATABASE_URL is not protected" in complaint(settings, capsys)


@pytest.mark.parametrize("settings", [NotificationsSettings, PagesSettings])
def test_the_key_of_the_demo_stops_the_start(
    settings: type[BaseSettings], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_LINK_KEYS", f"{'k' * 32},demo-link-key-that-everybody-can-read")
    assert "PRACTIO_LINK_KEYS is the demo's" in complaint(settings, capsys)


@pytest.mark.parametrize("settings", [NotificationsSettings, PagesSettings])
def test_links_without_https_stop_the_start(
    settings: type[BaseSettings], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_PAGES_URL", "http://rooms.example.org")
    assert "PRACTIO_PAGES_URL is not protected" in complaint(settings, capsys)


def test_an_unencrypted_mail_server_stops_the_start(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_SMTP_SECURITY", "none")
    assert "PRACTIO_SMTP_SECURITY leaves letters unprotected" in complaint(NotificationsSettings, capsys)
    environment.setenv("PRACTIO_SMTP_HOST", "127.0.0.1")
    assert read_settings(NotificationsSettings)


def test_all_unsafe_settings_are_reported_at_once(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_BROKER_URL", "amqp://practio-rooms:demo-rooms@broker/practio")
    environment.setenv("PRACTIO_DATABASE_URL", "postgresql://practio_rooms:own@database/practio")
    message = complaint(Settings, capsys)
    assert "PRACTIO_BROKER_URL's password is the demo's" in message
    assert "PRACTIO_DATABASE_URL is not protected" in message


def test_a_development_environment_needs_no_safe_settings(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("PRACTIO_ENVIRONMENT")
    environment.setenv("PRACTIO_BROKER_URL", "amqp://practio-rooms:demo-rooms@broker/practio")
    assert read_settings(Settings)


def test_secrets_are_read_from_files(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BROKER_URL", "DATABASE_URL", "SMTP_PASSWORD", "LINK_KEYS"):
        (tmp_path / name).write_text(SAFE[f"PRACTIO_{name}"] + "\n")
        environment.delenv(f"PRACTIO_{name}")
        environment.setenv(f"PRACTIO_{name}_FILE", str(tmp_path / name))
    found = read_settings(NotificationsSettings)
    assert found.broker_url.get_secret_value() == SAFE["PRACTIO_BROKER_URL"]
    assert found.database_url.get_secret_value() == SAFE["PRACTIO_DATABASE_URL"]
    assert found.smtp_password is not None
    assert found.smtp_password.get_secret_value() == "own"
    assert found.links is not None


@pytest.mark.parametrize("settings", [each for each in ALL if each is not GatewaySettings])  # it has no secret
def test_a_missing_secret_file_stops_the_start(
    settings: type[BaseSettings], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("PRACTIO_BROKER_URL", "PRACTIO_DATABASE_URL"):
        environment.delenv(name)
        environment.setenv(f"{name}_FILE", "/nowhere")
    assert "_URL_FILE names a file that cannot be read: No such file or directory: /nowhere" in complaint(
        settings, capsys
    )


def test_a_missing_certificate_authority_stops_the_start(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_BROKER_URL", SAFE["PRACTIO_BROKER_URL"] + "?cafile=/nowhere.pem")
    assert "PRACTIO_BROKER_URL: cafile names no file: /nowhere.pem" in complaint(Settings, capsys)


@pytest.mark.parametrize(
    "url",
    [
        "amqps://practio-rooms:own@broker:99999/practio",
        "amqps://practio-rooms:own@broker:0/practio",
        "amqps://practio-rooms:own@broker:amqps/practio",
        "amqps://practio-rooms:o#wn@broker:5671/practio",
        "amqps://practio-rooms:12#wn@broker:5671/practio",
        "amqps://practio-rooms:o/wn@broker:5671/practio",
        "amqps://practio-rooms:own@[::1/practio",
    ],
)
@pytest.mark.parametrize("settings", [Settings, PagesSettings])
def test_an_invalid_broker_url_stops_the_start(
    settings: type[BaseSettings], url: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_BROKER_URL", url)
    assert "wrong or missing: PRACTIO_BROKER_URL: write it as amqp://" in complaint(settings, capsys)


@pytest.mark.parametrize("hosts", ["database:99999", "database:port", "one:5432,two:0", "[::1"])
@pytest.mark.parametrize("settings", [Settings, MigrationSettings])
def test_an_invalid_database_url_stops_the_start(
    settings: type[BaseSettings], hosts: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_DATABASE_URL", f"postgresql://practio_rooms:own@{hosts}/practio?sslmode=verify-full")
    assert "wrong or missing: PRACTIO_DATABASE_URL: write it as postgresql://" in complaint(settings, capsys)


def test_an_unknown_sslmode_stops_the_start(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_DATABASE_URL", "postgresql://practio_rooms:own@database/practio?sslmode=verify-ful")
    assert "PRACTIO_DATABASE_URL: sslmode is one of disable, allow," in complaint(Settings, capsys)


@pytest.mark.parametrize("hosts", ["database", "one:5432,two:5433", "[::1]:5432", "%2Frun%2Fpostgresql", ""])
def test_a_database_url_may_have_several_hosts_or_no_host(hosts: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRACTIO_DATABASE_URL", f"postgresql://practio_rooms:own@{hosts}/practio?sslmode=verify-full")
    assert read_settings(Settings)


@pytest.mark.parametrize("settings", [Settings, MigrationSettings])
def test_a_database_that_could_not_be_written_on_stops_the_start(
    settings: type[BaseSettings], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "postgresql://practio_rooms:own@one,two/practio?sslmode=verify-full&target_session_attrs="
    environment.setenv("PRACTIO_DATABASE_URL", f"{url}read-write")
    assert read_settings(settings)
    environment.setenv("PRACTIO_DATABASE_URL", f"{url}standby")
    assert "target_session_attrs is read-write or primary: a service writes" in complaint(settings, capsys)


def test_each_of_several_hosts_is_protected_in_production(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("PRACTIO_DATABASE_URL", "postgresql://practio_rooms:own@127.0.0.1:5432,database:5432/practio")
    assert "PRACTIO_DATABASE_URL is not protected" in complaint(Settings, capsys)


@pytest.mark.parametrize(
    ("settings", "name", "value", "message"),
    [
        (Settings, "LOG_LEVEL", "verbose", "write one of debug, info, warning, error"),
        (Settings, "OTLP_ENDPOINT", "collector:4318", "write it as http://collector:4318"),
        (PagesSettings, "PROXIES", "proxy.example.org", "use addresses or networks"),
        (PagesSettings, "PROXIES", "172.16.0.1/12", "use addresses or networks"),
        (PagesSettings, "LINKS_PER_CLIENT", "20", "write it as 20 per hour"),
        (PagesSettings, "LINKS_PER_SITE", "20 per fortnight", "write it as 20 per hour"),
    ],
)
def test_a_wrong_setting_is_reported_with_its_expected_format(
    settings: type[BaseSettings],
    name: str,
    value: str,
    message: str,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment.setenv(f"PRACTIO_{name}", value)
    assert f"PRACTIO_{name}: {message}" in complaint(settings, capsys)


@pytest.mark.parametrize(("batch", "prefetch", "most"), [("100", "200", 100), ("100", "20", 20)])
def test_a_batch_waits_for_no_more_messages_than_may_be_in_hand(
    environment: pytest.MonkeyPatch, batch: str, prefetch: str, most: int
) -> None:
    environment.setenv("PRACTIO_BATCH", batch)
    environment.setenv("PRACTIO_PREFETCH", prefetch)
    assert Settings().most_in_a_batch == most
