"""The one form in which mail addresses are compared."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as some
from tests.support.every_case import every_case

from practio_contracts.mail_addresses import address_key, normal_address

FORMS = [
    "anna@bücher.example",
    "anna@xn--bcher-kva.example",
    unicodedata.normalize("NFD", "anna@bücher.example"),
    " Anna@BÜCHER.Example ",
    "ANNA@XN--BCHER-KVA.EXAMPLE",
    "anna@bücher。example",
]


@every_case("form", FORMS)
def test_all_forms_of_an_address_have_one_key(form: str) -> None:
    assert address_key(form) == "anna@xn--bcher-kva.example"


def test_the_local_part_is_compared_in_one_form_and_without_letter_case() -> None:
    assert address_key(unicodedata.normalize("NFD", "José@example.org")) == address_key("JOSÉ@Example.ORG")


def test_an_address_is_written_with_its_own_capitals_and_a_domain_in_ascii() -> None:
    assert normal_address("Anna.Maria@BÜCHER.example") == "Anna.Maria@xn--bcher-kva.example"


@every_case("one", ["a@straße.example", "anna@bucher.example", "anna+x@xn--bcher-kva.example"])
def test_other_addresses_have_other_keys(one: str) -> None:
    assert address_key(one) not in {address_key("a@strasse.example"), address_key(FORMS[0])}


@every_case("domain", ["[192.0.2.1]", "Ex_Ample.org", "a..b", "-", "x" * 70, "xn--ü.org", ""])
def test_a_domain_that_is_none_has_a_key_too(domain: str) -> None:
    assert address_key(f"ada@{domain}") == f"ada@{domain.lower()}"


@given(some.text(), some.text())
def test_a_key_is_its_own_key(local_part: str, domain: str) -> None:
    key = address_key(f"{local_part}@{domain}")
    assert address_key(key) == key
