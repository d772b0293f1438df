"""Who may try a password on the broker: outside accounts alone."""

from base64 import b64encode

from tests.support.every_case import every_case

from practio_gateway.faults import NO_LOGIN, WRONG_LOGIN
from practio_gateway.login import Login, login_of


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


def test_the_name_and_password_of_an_outside_account_are_read() -> None:
    assert login_of(basic("intranet:pa:ss word ü")) == Login("intranet", "pa:ss word ü")
    assert login_of(basic("intranet:x").replace("Basic", "bAsIc")) == Login("intranet", "x")


def test_a_login_is_never_shown_with_its_password() -> None:
    assert "secret" not in repr(Login("intranet", "secret"))


@every_case("header", [None, "", "Bearer abc", "Basic", "Basic !!!", basic("intranet"), "Basic /w=="])
def test_no_login_is_asked_for(header: str | None) -> None:
    assert login_of(header) is NO_LOGIN


@every_case(
    "login",
    [
        "practio-rooms:x",
        "practio-admin:x",
        "pages:x",
        "guest:guest",
        "intranet:",
        ":x",
        "A:x",
        "a/b:x",
        "a:" + "x" * 501,
    ],
)
def test_accounts_that_are_none_of_outside_systems_never_reach_the_broker(login: str) -> None:
    assert login_of(basic(login)) is WRONG_LOGIN
