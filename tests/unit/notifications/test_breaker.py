"""When letters are held back because the mail server refuses all of them."""

from uuid import uuid4

from tests.support.every_case import every_case

from practio_notifications.letters.breaker import Breaker, ServerSign

CLOSED = Breaker(pause=60.0)


def opened(now: float = 1_000.0) -> Breaker:
    return CLOSED.after(ServerSign.REFUSES_ALL, uuid4(), "smtp-530-5.7.0", now)


def test_letters_leave_as_long_as_nothing_is_refused() -> None:
    assert CLOSED.room(32, now=0.0) == 32
    assert CLOSED.sent(now=0.0) == CLOSED
    assert CLOSED.after(ServerSign.NONE, uuid4(), "smtp-timeout", now=0.0) == CLOSED


def test_a_server_that_refuses_all_letters_gets_one_a_minute() -> None:
    breaker = opened()
    assert breaker.reason == "smtp-530-5.7.0"
    assert [breaker.room(32, now) for now in (1_000.0, 1_059.0, 1_060.0)] == [0, 0, 1]
    breaker = breaker.sent(1_060.0)
    assert [breaker.room(32, now) for now in (1_060.0, 1_119.0, 1_120.0)] == [0, 0, 1]
    assert breaker.room(0, 1_120.0) == 0


@every_case("sign", [ServerSign.NONE, ServerSign.REFUSES_ALL, ServerSign.REFUSES_ONE])
def test_a_try_that_shows_nothing_new_keeps_the_letters_back(sign: ServerSign) -> None:
    breaker = opened().sent(1_060.0)
    again = breaker.after(sign, uuid4(), "smtp-timeout", 1_061.0)
    assert (again.reason, again.try_at) == (breaker.reason, breaker.try_at)


def test_a_letter_that_is_taken_lets_all_others_leave() -> None:
    assert opened().after(ServerSign.TAKES_LETTERS, uuid4(), None, 1_060.0) == CLOSED


def test_a_policy_against_one_reader_holds_nothing_back_however_often_it_is_met() -> None:
    breaker, reader = CLOSED, uuid4()
    for now in range(10):
        breaker = breaker.after(ServerSign.REFUSES_ONE, reader, "smtp-550-5.7.1", float(now))
    assert not breaker.is_open


def test_a_policy_against_three_readers_in_a_row_is_one_against_us() -> None:
    breaker = CLOSED
    for person_id in (uuid4(), uuid4()):
        breaker = breaker.after(ServerSign.REFUSES_ONE, person_id, "smtp-550-5.7.1", 0.0)
    assert not breaker.is_open
    assert not breaker.after(ServerSign.TAKES_LETTERS, uuid4(), None, 0.0).refused
    assert breaker.after(ServerSign.REFUSES_ONE, uuid4(), "smtp-550-5.7.1", 0.0).is_open
