"""The addresses to which letters can leave: only their form is checked; whether they exist is up to mail servers."""

import re

import email_validator

# An intranet's mail may well live under .local, and a trial's under .test.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


_PLAIN = re.compile(r"[a-z0-9_+-]{1,30}(\.[a-z0-9_+-]{1,30})?@([a-z0-9]{1,30}(-[a-z0-9]{1,30})?\.){1,2}[a-z]{2,20}")
"""Addresses as most people have them, which need no closer look: for thousands of letters it costs much."""


def checked(address: str) -> str:
    """Return ``address`` as SMTP writes it, its domain in ASCII; raise ``EmailNotValidError`` if it is invalid."""
    if _PLAIN.fullmatch(address):
        return address
    found = email_validator.validate_email(
        address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False
    )
    assert found.ascii_email is not None  # without SMTPUTF8 there always is one
    return found.ascii_email


def can_leave_to(address: str) -> bool:
    """Return whether a letter can leave to ``address``."""
    try:
        checked(address)
    except email_validator.EmailNotValidError:
        return False
    return True
