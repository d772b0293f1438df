"""How a backup connects to the servers: no password on a command line, no administrator in the definitions."""

from typing import Any

from practio_operator.backup import Programs
from practio_operator.backup.definitions import vhost_definitions, without_known_accounts
from practio_operator.provisioning.target import ProvisionTarget

TARGET = ProvisionTarget(
    broker_url="amqp://admin:hidden@broker:5672/practio",
    management_url="http://broker:15672",
    database_url="postgresql://admin:hid%2Fden@database:5432/other?sslmode=require",
    passwords={},
)


def test_the_password_is_not_on_the_command_line() -> None:
    programs = Programs(TARGET)
    assert programs.connection_options() == ["--dbname", "postgresql://admin@database:5432/practio?sslmode=require"]
    assert programs.environment() == {"PGPASSWORD": "hid/den"}


def test_inside_a_container_the_program_connects_to_the_local_server() -> None:
    programs = Programs(TARGET, "database-1")
    _, *command = programs.command("pg_restore")
    assert command == ["exec", "--interactive", "--env", "PGPASSWORD", "database-1", "pg_restore"]
    assert programs.connection_options() == ["--username", "admin", "--dbname", "practio"]


def a_user(name: str, *tags: str) -> dict[str, Any]:
    return {"name": name, "password_hash": f"salted {name}", "tags": list(tags)}


def a_right(user: str, vhost: str = "practio") -> dict[str, Any]:
    return {"user": user, "vhost": vhost, "configure": "", "write": "x", "read": "x"}


FOUND: dict[str, Any] = {
    "users": [a_user("admin", "administrator"), a_user("practio-rooms"), a_user("intranet"), a_user("of-others")],
    "permissions": [a_right("admin"), a_right("practio-rooms"), a_right("intranet"), a_right("of-others", "others")],
    "topic_permissions": [a_right("intranet"), a_right("of-others", "others")],
    "exchanges": [{"name": "practio.events", "vhost": "practio"}, {"name": "theirs", "vhost": "others"}],
    "queues": [{"name": "rooms.commands", "vhost": "practio"}],
    "bindings": [],
    "policies": [],
}


def test_other_vhosts_and_administrators_are_left_out() -> None:
    kept = vhost_definitions(FOUND, "practio")
    assert [each["name"] for each in kept["users"]] == ["practio-rooms", "intranet"]
    assert [each["user"] for each in kept["permissions"]] == ["practio-rooms", "intranet"]
    assert [each["name"] for each in kept["exchanges"]] == ["practio.events"]


def test_existing_accounts_keep_their_passwords_and_permissions() -> None:
    wanted = without_known_accounts(vhost_definitions(FOUND, "practio"), {"practio-rooms", "admin"})
    assert [each["name"] for each in wanted["users"]] == ["intranet"]
    assert [each["user"] for each in wanted["permissions"]] == ["intranet"]
    assert [each["name"] for each in wanted["queues"]] == ["rooms.commands"]
