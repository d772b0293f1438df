"""What logs contain of an error: enough to find it, and none of its values."""

from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest

from practio_chassis.i18n import Catalogues
from practio_chassis.telemetry.log import failure


def failed_with(cause: Exception) -> None:
    try:
        raise ValueError("of a row with secret values") from cause
    except ValueError as between:
        raise RuntimeError("secret") from between


def test_an_error_is_named_with_what_first_caused_it() -> None:
    with pytest.raises(RuntimeError) as raised:
        failed_with(KeyError("secret"))
    logged = failure(raised.value)
    assert (logged["error"], logged["cause"]) == ("RuntimeError", "KeyError")
    assert "secret" not in str(logged)


def test_an_error_without_a_cause_is_its_own_cause() -> None:
    assert failure(OSError()) == {"error": "OSError", "cause": "OSError", "place": ""}


def test_the_place_of_an_error_is_in_our_own_code() -> None:
    with pytest.raises(ZoneInfoNotFoundError) as raised:
        Catalogues(Path(), "letters").localizer([], "Nowhere/At-All")
    assert failure(raised.value)["place"].startswith("practio_chassis.i18n:")
