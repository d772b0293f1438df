"""The settings of provisioning from the environment, and the messages if they are incomplete."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.every_case import every_case

from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.settings import read_delays, read_passwords, read_servers


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("BROKER_URL", "DATABASE_URL", "MANAGEMENT_URL"):
        monkeypatch.delenv(f"PRACTIO_{name}", raising=False)
    monkeypatch.setenv("PRACTIO_BROKER_URL", "amqp://admin:se%2Fcret@broker:5673")
    monkeypatch.setenv("PRACTIO_DATABASE_URL", "postgresql://postgres:x@database/postgres")
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_the_management_interface_has_its_default_port() -> None:
    assert read_servers().management_url == "http://broker:15672"
    assert read_servers().administrator == ("admin", "se/cret")


def test_the_management_interface_uses_tls_if_the_broker_does(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRACTIO_BROKER_URL", "amqps://admin:secret@broker")
    assert read_servers().management_url == "https://broker:15671"


@pytest.mark.parametrize("value", ["", "broker:5672", "http://broker", "amqp://", "amqp://broker:port"])
def test_an_invalid_url_is_named(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("PRACTIO_BROKER_URL", value)
    with pytest.raises(OperatorError, match="PRACTIO_BROKER_URL"):
        read_servers()


def test_a_secret_may_be_in_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("PRACTIO_DATABASE_URL")
    (tmp_path / "database").write_text("postgresql://postgres:hidden@database/postgres\n")
    environment.setenv("PRACTIO_DATABASE_URL_FILE", str(tmp_path / "database"))
    assert read_servers().database_url.endswith("hidden@database/postgres")


def test_a_missing_file_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("PRACTIO_DATABASE_URL")
    environment.setenv("PRACTIO_DATABASE_URL_FILE", str(tmp_path / "nothing"))
    with pytest.raises(OperatorError, match="PRACTIO_DATABASE_URL_FILE"):
        read_servers()


def test_all_missing_passwords_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTIO_ROOMS_BROKER_PASSWORD", "secret")
    with pytest.raises(OperatorError) as raised:
        read_passwords()
    assert "PRACTIO_ROOMS_BROKER_PASSWORD" not in str(raised.value)
    assert str(raised.value).count("_PASSWORD") == 8


def test_delays_are_read_in_seconds() -> None:
    assert list(read_delays("0.5,1,600").values()) == [timedelta(seconds=each) for each in (0.5, 1, 600)]


@every_case("text", ["", "5,60", "60,5,600", "0,5,60", "a,b,c", "1,2,inf", "nan,1,2"])
def test_delays_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="5,60,600"):
        read_delays(text)


def test_the_representation_of_a_target_has_no_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRACTIO_MANAGEMENT_URL", "http://admin:cret@broker:1")
    assert "cret" not in repr(read_servers())


def test_the_database_may_be_on_several_hosts(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRACTIO_DATABASE_URL", "postgresql://postgres:x@one:5432,two:5432/postgres")
    assert read_servers().database_url.endswith("@one:5432,two:5432/postgres")
    environment.setenv("PRACTIO_DATABASE_URL", "postgresql://postgres:x@one:5432,two:0/postgres")
    with pytest.raises(OperatorError, match="PRACTIO_DATABASE_URL is not a valid postgresql"):
        read_servers()


SAFE = {
    "PRACTIO_ENVIRONMENT": "production",
    "PRACTIO_BROKER_URL": "amqps://admin:own@broker/practio",
    "PRACTIO_DATABASE_URL": "postgresql://postgres:own@database/postgres?sslmode=verify-full",
}


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("PRACTIO_BROKER_URL", "amqp://admin:own@broker/practio", "PRACTIO_BROKER_URL is not protected"),
        ("PRACTIO_BROKER_URL", "amqps://admin:demo-broker@broker/practio", "PRACTIO_BROKER_URL's password is the demo"),
        ("PRACTIO_DATABASE_URL", "postgresql://postgres:own@database/practio", "PRACTIO_DATABASE_URL is not protected"),
        ("PRACTIO_MANAGEMENT_URL", "http://broker:15672", "PRACTIO_MANAGEMENT_URL is not protected"),
        ("PRACTIO_ENVIRONMENT", "live", "use development or production"),
    ],
)
def test_unsafe_settings_are_not_provisioned_in_production(
    environment: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    for key, safe in SAFE.items():
        environment.setenv(key, safe)
    assert read_servers().management_url == "https://broker:15671"
    environment.setenv(name, value)
    with pytest.raises(OperatorError, match=complaint):
        read_servers()


def test_no_account_gets_a_demo_password_in_production(environment: pytest.MonkeyPatch) -> None:
    for service in ("ROOMS", "MEMBERSHIP", "NOTIFICATIONS"):
        for what in ("BROKER", "OWNER", "WORK"):
            environment.setenv(f"PRACTIO_{service}_{what}_PASSWORD", "own")
    environment.setenv("PRACTIO_ROOMS_WORK_PASSWORD", "demo-rooms-work")
    assert read_passwords()["rooms"].work == "demo-rooms-work"
    environment.setenv("PRACTIO_ENVIRONMENT", "production")
    with pytest.raises(OperatorError, match="PRACTIO_ROOMS_WORK_PASSWORD is the demo's"):
        read_passwords()


def test_the_management_interface_is_verified_as_the_broker_is(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRACTIO_BROKER_URL", "amqps://admin:own@broker/practio?cafile=/run/secrets/ca.pem")
    assert read_servers().management_url == "https://broker:15671?cafile=/run/secrets/ca.pem"


def test_a_secret_that_is_given_twice_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PRACTIO_DATABASE_URL_FILE", str(tmp_path / "database"))
    with pytest.raises(OperatorError, match="PRACTIO_DATABASE_URL and PRACTIO_DATABASE_URL_FILE are both set"):
        read_servers()
