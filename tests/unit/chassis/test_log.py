"""What logs say of an error: enough to find it, and none of the values that it speaks of."""

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
    told = failure(raised.value)
    assert (told["error"], told["cause"]) == ("RuntimeError", "KeyError")
    assert "secret" not in str(told)


def test_an_error_that_nothing_caused_is_its_own_cause() -> None:
    assert failure(OSError()) == {"error": "OSError", "cause": "OSError", "place": ""}


def test_its_place_is_in_our_own_code_however_deep_in_a_library_it_was_raised() -> None:
    with pytest.raises(ZoneInfoNotFoundError) as raised:
        Catalogues(Path(), "letters").localizer([], "Nowhere/At-All")
    assert failure(raised.value)["place"].startswith("practio_chassis.i18n:")
