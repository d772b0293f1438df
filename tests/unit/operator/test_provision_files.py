"""The files that `practio provision` writes for people equal what it applies, and contain no secret."""

import json
from pathlib import Path

from practio_operator.provisioning.database import sql_file
from practio_operator.provisioning.definitions import definitions_file

DEPLOY = Path(__file__).parents[3] / "deploy"


def test_the_committed_definitions_are_those_of_the_code() -> None:
    assert (DEPLOY / "rabbitmq" / "definitions.json").read_text() == definitions_file()


def test_the_committed_sql_is_that_of_the_code() -> None:
    assert (DEPLOY / "postgres" / "roles_and_schemas.sql").read_text() == sql_file()


def test_definitions_have_no_secret_and_no_account_that_could_log_in() -> None:
    users = json.loads(definitions_file())["users"]
    assert [(user["password_hash"], user["tags"]) for user in users] == [("", [])] * 3


def test_every_queue_is_a_quorum_queue_and_every_exchange_a_durable_topic() -> None:
    made = json.loads(definitions_file())
    assert {queue["arguments"]["x-queue-type"] for queue in made["queues"]} == {"quorum"}
    assert {(exchange["type"], exchange["durable"]) for exchange in made["exchanges"]} == {("topic", True)}


def test_no_account_may_configure_anything() -> None:
    assert {each["configure"] for each in json.loads(definitions_file())["permissions"]} == {"^$"}
