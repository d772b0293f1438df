"""How often, and how much at once, clients and accounts may call."""

from practio_gateway.faults import HttpFault
from practio_gateway.rates import BUSY, RequestMeter


def a_meter(*, client: int = 3, account: int = 2, failures: int = 1, at_once: int = 2, most: int = 3) -> RequestMeter:
    rates = {name: f"{n} per hour" for name, n in (("client", client), ("account", account), ("failures", failures))}
    return RequestMeter(**rates, at_once=at_once, most=most)


def test_a_client_is_counted_by_its_network() -> None:
    meter = a_meter(client=2)
    assert [meter.count_client("2001:db8::1"), meter.count_client("2001:db8::2")] == [None, None]
    refused = meter.count_client("2001:db8::3")
    assert refused is not None
    assert (refused.status, 3590 < int(refused.headers["retry-after"]) <= 3601) == (429, True)
    assert meter.count_client("2001:db8:0:1::1") is None


def test_an_account_is_counted_apart_from_others() -> None:
    meter = a_meter(account=1)
    assert meter.count_account("intranet") is None
    assert meter.count_account("intranet") is not None
    assert meter.count_account("learning") is None


def a_trial(meter: RequestMeter, client: str, *, is_wrong: bool) -> HttpFault | None:
    with meter.trial(client) as trial:
        trial.is_wrong = is_wrong
        return trial.fault


def test_wrong_passwords_stop_further_tries_from_that_client_alone() -> None:
    meter = a_meter(failures=1)
    assert [a_trial(meter, "192.0.2.1", is_wrong=wrong) for wrong in (False, False, True)] == [None, None, None]
    refused = a_trial(meter, "192.0.2.1", is_wrong=False)
    assert refused is not None
    assert int(refused.headers["retry-after"]) > 3590
    assert a_trial(meter, "192.0.2.2", is_wrong=True) is None


def test_a_password_counts_as_wrong_while_it_is_tried() -> None:
    meter = a_meter(failures=1)
    with meter.trial("2001:db8::1") as first:
        with meter.trial("2001:db8::2") as beside, meter.trial("192.0.2.1") as elsewhere:
            assert (first.fault, elsewhere.fault) == (None, None)
            assert beside.fault is not None
            assert beside.fault.headers["retry-after"] == "1"
        first.is_wrong = False
    assert a_trial(meter, "2001:db8::1", is_wrong=False) is None


def test_the_requests_that_wait_for_their_login_are_bounded_by_client_and_in_all() -> None:
    meter = a_meter(at_once=1, most=2)
    with meter.room_to_wait("192.0.2.1") as first, meter.room_to_wait("192.0.2.1") as second:
        assert first is None
        assert isinstance(second, HttpFault)
        assert second.status == 429
        with meter.room_to_wait("192.0.2.2") as other, meter.room_to_wait("192.0.2.3") as one_too_many:
            assert (other, one_too_many) == (None, BUSY)
            with meter.room_for("intranet") as proven:
                assert proven is None


def test_the_requests_in_hand_are_bounded_by_account_and_in_all() -> None:
    meter = a_meter(at_once=2, most=3)
    with meter.room_for("a") as first, meter.room_for("a") as second, meter.room_for("a") as third:
        assert (first, second) == (None, None)
        assert isinstance(third, HttpFault)
        assert third.status == 429
        with meter.room_for("b") as other, meter.room_for("c") as one_too_many:
            assert other is None
            assert one_too_many is BUSY
    with meter.room_for("a") as again:
        assert again is None
