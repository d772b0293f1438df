"""Addresses that need no closer look are those that the library takes as they are."""

import email_validator
from hypothesis import given
from hypothesis import strategies as some
from tests.support.every_case import every_case

from practio_contracts.recipients import _PLAIN, can_leave_to, checked


@given(some.from_regex(_PLAIN, fullmatch=True))
def test_a_plain_address_is_what_the_library_makes_of_it(address: str) -> None:
    found = email_validator.validate_email(
        address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False
    )
    assert checked(address) == found.ascii_email


@every_case("address", ["ada@example.org\n", "ada..b@example.org", ".ada@example.org", "ada@-x.org", "ada@x-.org"])
def test_an_address_that_is_nearly_plain_is_none(address: str) -> None:
    assert not can_leave_to(address)
