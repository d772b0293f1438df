"""The files of a stack: readable only for their owner, complete, and changed by one command at a time."""

import json
import socket
import stat
from pathlib import Path

import pytest
from tests.support.every_case import every_case

from practio_contracts.links import keys_in
from practio_operator.console.errors import OperatorError
from practio_operator.stack import ports
from practio_operator.stack.env import read_env, write_env
from practio_operator.stack.home import CHECKOUT, Home, find_home
from practio_operator.stack.ports import free_ports, is_free
from practio_operator.stack.servers import Servers, with_login
from practio_operator.stack.services import gateway_program, pages_program, service_programs
from practio_operator.stack.stack import LINKS, Backing, StackConfig, changing, load_stack

KEYS = {
    "PRACTIO_BACKING",
    "PRACTIO_BROKER_URL",
    "PRACTIO_MANAGEMENT_URL",
    "PRACTIO_DATABASE_URL",
    "PRACTIO_PUBLISHER_URL",
    "PRACTIO_PUBLISHER_QUEUE",
    "PRACTIO_ROOMS_HTTP",
    "PRACTIO_MEMBERSHIP_HTTP",
    "PRACTIO_NOTIFICATIONS_HTTP",
    "PRACTIO_PAGES_HTTP",
    "PRACTIO_MAIL_DIR",
}
SERVERS = Servers(
    "amqp://admin:x@127.0.0.1:1/practio", "http://127.0.0.1:2", "postgresql://admin:x@127.0.0.1:3/practio"
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_home_is_the_checkout_s_unless_the_environment_names_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PRACTIO_HOME", raising=False)
    assert find_home().folder == CHECKOUT / ".practio"
    monkeypatch.setenv("PRACTIO_HOME", str(tmp_path))
    assert find_home().folder == tmp_path


def test_the_choices_of_a_stack_are_read_back(home: Home) -> None:
    stack = StackConfig.new(Backing.NATIVE)
    stack.save(home)
    assert load_stack(home) == stack


def test_no_two_stacks_share_a_password() -> None:
    first, second = (set(StackConfig.new(Backing.NATIVE).secrets.values()) for _ in range(2))
    assert len(first) == len(StackConfig.new(Backing.NATIVE).secrets)
    assert not first & second


def test_the_link_key_is_strong_and_lives_as_long_as_the_stack(home: Home) -> None:
    stack = StackConfig.new(Backing.NATIVE)
    stack.save(home)
    found = load_stack(home)
    assert found is not None
    assert keys_in(found.secrets[LINKS]) == [stack.secrets[LINKS]]


def test_notifications_and_pages_have_the_same_link_settings() -> None:
    stack = StackConfig.new(Backing.NATIVE)
    environments = {
        each.name: each.environment for each in (*service_programs(stack, SERVERS), pages_program(stack, SERVERS))
    }
    for name in ("PRACTIO_PAGES_URL", "PRACTIO_LINK_KEYS"):
        assert environments["notifications"][name] == environments["pages"][name]
        assert name not in environments["rooms"] | environments["membership"]


def test_who_may_introduce_themselves_and_start_rooms_is_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PRACTIO_SELF_INTRODUCTION", "confirmed")
    monkeypatch.setenv("PRACTIO_START_ROOMS", "nobody")
    stack = StackConfig.new(Backing.NATIVE)
    pages = pages_program(stack, SERVERS).environment
    notifications = {each.name: each.environment for each in service_programs(stack, SERVERS)}["notifications"]
    assert (pages["PRACTIO_SELF_INTRODUCTION"], pages["PRACTIO_START_ROOMS"]) == ("confirmed", "nobody")
    assert notifications["PRACTIO_SELF_INTRODUCTION"] == "confirmed"


def test_pages_has_no_database_setting() -> None:
    settings = pages_program(StackConfig.new(Backing.NATIVE), SERVERS).environment
    assert not [value for value in settings.values() if value.startswith("postgres")]


def test_secrets_are_readable_only_for_their_owner(home: Home) -> None:
    stack = StackConfig.new(Backing.NATIVE)
    stack.save(home)
    write_env(home, stack, SERVERS, mail={"PRACTIO_MAIL_DIR": "mail"})
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home.stack, home.env)] == [0o600, 0o600]


def test_the_env_file_has_the_documented_keys(home: Home) -> None:
    write_env(home, StackConfig.new(Backing.NATIVE), SERVERS, mail={"PRACTIO_MAIL_DIR": "mail"})
    assert set(read_env(home)) == KEYS


def test_a_gateway_that_was_wanted_is_a_part_with_an_address_and_has_no_account(home: Home) -> None:
    stack = StackConfig.new(Backing.NATIVE).model_copy(update={"gateway": True})
    write_env(home, stack, SERVERS, mail={"PRACTIO_MAIL_DIR": "mail"})
    assert set(read_env(home)) == KEYS | {"PRACTIO_GATEWAY_HTTP"}
    environment = gateway_program(stack, SERVERS).environment
    assert environment["PRACTIO_BROKER_ADDRESS"] == "amqp://127.0.0.1:1/practio"


def test_a_stack_of_a_release_without_a_gateway_is_read(home: Home) -> None:
    older = StackConfig.new(Backing.NATIVE).model_dump(mode="json")
    del older["gateway"], older["ports"]["gateway"]
    home.stack.write_text(json.dumps(older))
    found = load_stack(home)
    assert found is not None
    assert "gateway" not in found.parts


def test_without_a_stack_there_is_one_sentence_about_starting_one(home: Home) -> None:
    with pytest.raises(OperatorError, match="practio up"):
        read_env(home)
    assert load_stack(home) is None


def test_a_damaged_stack_file_is_reported(home: Home) -> None:
    home.stack.write_text("{")
    with pytest.raises(OperatorError, match=r"stack\.json is damaged"):
        load_stack(home)


def test_two_commands_cannot_change_a_stack_at_once(home: Home) -> None:
    with changing(home), pytest.raises(OperatorError, match="wait for it"), changing(home):
        pass
    with changing(home):
        pass


def test_ports_are_free_and_differ() -> None:
    found = free_ports(50)
    assert len(set(found)) == 50
    assert all(is_free(port) for port in found)


def test_a_port_is_returned_again_only_if_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = ports.FIRST, ports.FIRST + 20
    monkeypatch.setattr(ports, "LAST", last)
    free = [port for port in range(first, last) if is_free(port)]
    monkeypatch.setattr(ports, "_given", {})
    one_by_one = [free_ports(1)[0] for _ in free]
    assert sorted(one_by_one) == free
    assert free_ports(2) == one_by_one[:2]


def test_a_port_in_use_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not is_free(listener.getsockname()[1])


def test_a_password_may_contain_characters_that_a_url_must_escape() -> None:
    assert (
        with_login("amqp://a:b@host:5672/practio", "me", "p@ss/w:rd") == "amqp://me:p%40ss%2Fw%3Ard@host:5672/practio"
    )


@every_case("file", ["compose.yaml", "compose.production.yaml", "postgres/node.sh"])
def test_a_database_that_we_start_logs_no_values_of_rows(file: str) -> None:
    text = (CHECKOUT / "deploy" / file).read_text()
    assert text.count("max_connections=200") == text.count("log_error_verbosity=terse") == 1
