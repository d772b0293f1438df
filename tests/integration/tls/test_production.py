"""An installation for production: provisioned, migrated and started over TLS, with every secret in a file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.tls.servers import TlsServers
from tests.support.eventually import eventually
from tests.support.stack.logins import broker_of, database_of
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.service import RunningService

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.target import ProvisionTarget, ServicePasswords
from practio_operator.stack.ports import free_ports

pytestmark = pytest.mark.thorough

PARTS = [*SERVICES, PAGES]
PASSWORDS = {service: ServicePasswords(*(f"{service}-{what}-own" for what in "abc")) for service in SERVICES}
OPEN = {
    "PRACTIO_ENVIRONMENT": "production",
    "PRACTIO_PAGES_URL": "https://rooms.example.org",
    "PRACTIO_SMTP_HOST": "mail.example.org",
    "PRACTIO_MAIL_FROM": "practio@example.org",
}


@pytest.fixture(scope="module")
def provisioned(tls_servers: TlsServers, tmp_path_factory: pytest.TempPathFactory) -> ProvisionTarget:
    """Return servers that ``practio provision --migrate`` has made ready."""
    target = ProvisionTarget(
        broker_url=tls_servers.broker(),
        management_url=tls_servers.management(),
        database_url=tls_servers.database(),
        passwords=PASSWORDS,
        pages_password="pages-own",
    )
    secrets = {
        "PRACTIO_BROKER_URL": target.broker_url,
        "PRACTIO_MANAGEMENT_URL": target.management_url,
        "PRACTIO_DATABASE_URL": target.database_url,
        "PRACTIO_PAGES_BROKER_PASSWORD": target.pages_password,
    }
    for service, passwords in PASSWORDS.items():
        for what in ("broker", "owner", "work"):
            secrets[f"PRACTIO_{service}_{what}_PASSWORD".upper()] = getattr(passwords, what)
    practio = str(Path(sys.executable).with_name("practio"))
    done = subprocess.run(
        [practio, "provision", "--migrate"],
        env=environment(secrets, tmp_path_factory.mktemp("secrets")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return target


@pytest.mark.parametrize("part", PARTS)
async def test_each_part_becomes_ready(provisioned: ProvisionTarget, tmp_path: Path, part: str) -> None:
    service = a_part(part, secrets_of(part, provisioned), tmp_path)
    try:
        await service.start()
    finally:
        service.process.kill()


@pytest.mark.parametrize("part", PARTS)
async def test_no_part_starts_with_a_demo_password(provisioned: ProvisionTarget, tmp_path: Path, part: str) -> None:
    secrets = secrets_of(part, provisioned) | {"PRACTIO_BROKER_URL": provisioned.broker_as("anybody", "demo-rooms")}
    process = a_part(part, secrets, tmp_path).process
    process.start()
    await eventually(lambda: not process.runs, within=30, message=process.tail)
    assert process.stop() == 1
    assert process.tail().startswith("practio: settings are not safe for production: PRACTIO_BROKER_URL's password is")


def secrets_of(part: str, target: ProvisionTarget) -> dict[str, str]:
    if part == PAGES:
        return {"PRACTIO_BROKER_URL": target.broker_as(PAGES, target.pages_password), "PRACTIO_LINK_KEYS": "k" * 32}
    return {
        "PRACTIO_BROKER_URL": broker_of(target, part),
        "PRACTIO_DATABASE_URL": database_of(target, part),
        "PRACTIO_LINK_KEYS": "k" * 32,
    }


def a_part(part: str, secrets: dict[str, str], folder: Path) -> RunningService:
    (port,) = free_ports(1)
    process = ManagedProcess(
        name=part,
        command=(sys.executable, "-m", f"practio_{part}", "serve"),
        environment=environment(secrets, folder) | {"PRACTIO_HTTP_PORT": str(port)},
        log=folder / "log",
    )
    return RunningService(process, f"http://127.0.0.1:{port}")


def environment(secrets: dict[str, str], folder: Path) -> dict[str, str]:
    """Return an environment that names a file for each secret, and contains none itself."""
    files = {}
    for name, value in secrets.items():
        (folder / name).write_text(f"{value}\n")
        files[f"{name}_FILE"] = str(folder / name)
    others = {key: value for key, value in os.environ.items() if not key.startswith(("PRACTIO_", "PG"))}
    return others | OPEN | files
