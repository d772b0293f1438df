"""Reports of bounced letters: their content, their letter, their address; and the mailboxes that they are in."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
import trustme
from tests.support.clients.bounces import a_complaint, a_report
from tests.support.clients.imap_box import a_box
from tests.support.every_case import every_case

from practio_operator.console.errors import OperatorError
from practio_operator.mailbox.mailboxes import imap, maildir
from practio_operator.mailbox.reports import reports_in

LETTER = UUID("0194a1f2-51c0-7fde-8e43-0d40bd57deea")


def bounces_in(content: bytes) -> list[tuple[str, str, UUID | None]]:
    """Return address, kind and letter of each bounce in a mail."""
    return [(each.bounce.email, each.bounce.kind, each.bounce.letter_id) for each in reports_in(content)]


HARD = ["5.1.0", "5.1.1 (nobody)", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"]
REFUSED = ["5.1.7", "5.1.8", "5.2.3", "4.2.4", "5.3.3", "5.3.4", "5.4.4", "5.5.2", "5.6.0", "5.7.1", "5.7.26", "4.7.1"]
SOFT = ["5.0.0", "5.1.5", "5.2.0", "5.2.2", "5.3.1", "5.4.1", "5.4.6", "5.1.11", "4.1.1", "4.2.1", "4.4.4", "4.4.7"]


@every_case(
    ("status", "kind"),
    [*((each, "hard") for each in HARD), *((each, "refused") for each in REFUSED), *((each, "soft") for each in SOFT)],
)
def test_the_status_of_a_failure_says_whether_the_address_or_the_letter_is_at_fault(status: str, kind: str) -> None:
    assert bounces_in(a_report(LETTER, status=status)) == [("ada@example.org", kind, LETTER)]


@every_case("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_without_a_failure_is_no_bounce(action: str) -> None:
    assert bounces_in(a_report(LETTER, action=action, status="4.4.1")) == []


def test_a_complaint_is_a_bounce() -> None:
    assert bounces_in(a_complaint(LETTER)) == [("ada@example.org", "complaint", LETTER)]


def test_a_letter_is_identified_by_its_return_address() -> None:
    report = a_report("somebody-elses", to=f"bounces+{LETTER}@example.org")
    assert bounces_in(report) == [("ada@example.org", "hard", LETTER)]


@every_case("returned_as", ["message/rfc822", "text/rfc822-headers"])
def test_a_letter_is_identified_by_its_message_id(returned_as: str) -> None:
    assert bounces_in(a_report(LETTER, returned_as=returned_as)) == [("ada@example.org", "hard", LETTER)]


def test_the_address_is_the_one_that_we_wrote_to() -> None:
    rewritten = ["Original-Recipient: rfc822;Ada@Example.ORG", "Final-Recipient: rfc822; <ada@example.org>"]
    assert bounces_in(a_report(LETTER, recipient=rewritten)) == [("ada@example.org", "hard", LETTER)]


@every_case("status", ["5.1.1", "5.2.2", "4.4.7"])
@every_case("original", [[], ["Original-Recipient: rfc822; team@example.org"]])
def test_a_list_lives_though_one_of_its_members_is_gone(status: str, original: list[str]) -> None:
    member = [*original, "Final-Recipient: rfc822; elsewhere@example.net"]
    report = a_report(LETTER, "team@example.org", status=status, recipient=member)
    assert bounces_in(report) == [("team@example.org", "refused", LETTER)]


@every_case("final", ["anna@bücher.example", "anna@xn--bcher-kva.example", "ANNA@Xn--Bcher-Kva.Example"])
def test_an_address_that_is_written_in_another_form_is_no_other_address(final: str) -> None:
    report = a_report(LETTER, "anna@xn--bcher-kva.example", recipient=[f"Final-Recipient: utf-8; {final}"])
    assert [kind for _, kind, _ in bounces_in(report)] == ["hard"]


@every_case(
    "content",
    [
        a_report("of-nobody"),
        b"Subject: Hello\n\nHow are you?",
        b"",
        b"\xff\xfe\x00",
        a_report(LETTER, status="unknown"),
    ],
)
def test_any_other_mail_is_no_report(content: bytes) -> None:
    assert reports_in(content) == []


def test_a_report_read_twice_has_one_id_and_another_report_has_its_own() -> None:
    first, again = reports_in(a_report(LETTER)), reports_in(a_report(LETTER))
    [other] = reports_in(a_report(LETTER, message_id="report-2@mail.example.net"))
    assert first == again
    assert first[0].id != other.id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    return tmp_path


def test_a_maildir_yields_unseen_mails_and_marks_those_that_were_handled(folder: Path) -> None:
    (folder / "new" / "1.host").write_bytes(b"new")
    (folder / "cur" / "2.host:2,F").write_bytes(b"flagged")
    (folder / "cur" / "3.host:2,S").write_bytes(b"seen")
    with maildir(folder) as mails:
        found = list(mails)
    assert [mail.read() for mail in found] == [b"new", b"flagged"]
    for mail in found:
        mail.mark_seen()
    assert sorted(file.name for file in (folder / "cur").iterdir()) == ["1.host:2,S", "2.host:2,FS", "3.host:2,S"]
    assert (folder / "cur" / "2.host:2,FS").read_bytes() == b"flagged"


def test_a_mail_that_another_program_renames_meanwhile_is_neither_read_nor_marked(folder: Path) -> None:
    for name in ("1.host", "2.host"):
        (folder / "new" / name).write_bytes(name.encode())
    with maildir(folder) as mails:
        first, second = list(mails)
        (folder / "new" / "1.host").rename(folder / "cur" / "1.host:2,F")
        assert first.read() is None
        first.mark_seen()
        assert second.read() == b"2.host"
    with maildir(folder) as mails:
        assert [mail.name for mail in mails] == ["1.host:2,F", "2.host"]


def test_a_maildir_that_cannot_be_read_is_one_sentence(folder: Path) -> None:
    (folder / "new" / "1.host").mkdir()
    with pytest.raises(OperatorError, match=r"cannot be read: .*Is a directory"), maildir(folder) as mails:
        [each.read() for each in mails]


def test_a_folder_that_is_no_maildir_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="is not a Maildir"), maildir(tmp_path):
        pass


def test_an_imap_box_yields_unseen_mails_and_marks_those_that_were_handled() -> None:
    content = a_report(uuid4())
    with a_box({"7": content, "9": b"Subject: Hello\r\n\r\n"}) as (port, box):
        url = f"imap://bounces:secret@127.0.0.1:{port}/INBOX"
        with imap(url) as mails:
            first, second = list(mails)
            assert (first.read(), first.name, second.name) == (content, "7", "9")
            assert box.seen == set()
            first.mark_seen()
        assert box.seen == {"7"}
        with imap(url) as mails:
            assert [mail.name for mail in mails] == ["9"]


def test_an_imap_box_fetches_only_the_mails_that_are_read() -> None:
    with a_box({"7": b"Subject: Hello\r\n\r\n", "9": a_report(uuid4())}) as (port, box):
        with imap(f"imap://bounces:secret@127.0.0.1:{port}/INBOX") as mails:
            _, second = list(mails)
            second.read()
        assert box.fetched == ["9"]


def test_a_mail_that_is_gone_from_an_imap_box_has_no_content() -> None:
    with (
        a_box({"7": b"Subject: Hello\r\n\r\n"}) as (port, box),
        imap(f"imap://bounces:secret@127.0.0.1:{port}/INBOX") as mails,
    ):
        [mail] = list(mails)
        del box.mails["7"]
        assert mail.read() is None


@every_case("password", ["wrong"])
def test_a_box_that_cannot_be_read_is_one_sentence(password: str) -> None:
    with a_box({}) as (port, _):
        url = f"imap://bounces:{password}@127.0.0.1:{port}/INBOX"
        with pytest.raises(OperatorError, match="cannot be read"), imap(url):
            pass
    with pytest.raises(OperatorError, match="write it as"), imap("https://mail.example.org"):
        pass


def test_a_box_over_tls_is_read_if_its_certificate_is_of_its_authority_and_has_its_name(tmp_path: Path) -> None:
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    for shown, is_read in (
        (authority.issue_cert("localhost"), True),
        (authority.issue_cert("mail.example.org"), False),
        (other.issue_cert("localhost"), False),
    ):
        with a_box({"7": b"Subject: Hello\r\n\r\n"}, shown) as (port, _):
            url = f"imaps://bounces:secret@localhost:{port}/INBOX?cafile={tmp_path / 'ca.pem'}"
            if is_read:
                with imap(url) as mails:
                    assert [mail.name for mail in mails] == ["7"]
            else:
                with pytest.raises(OperatorError, match="certificate verify failed"), imap(url):
                    pass


def test_a_box_over_tls_without_an_authority_of_its_own_is_verified_by_the_system_s() -> None:
    with (
        a_box({}, trustme.CA().issue_cert("localhost")) as (port, _),
        pytest.raises(OperatorError, match="certificate verify failed"),
        imap(f"imaps://bounces:secret@localhost:{port}/INBOX"),
    ):
        pass


def test_in_production_a_box_elsewhere_needs_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTIO_ENVIRONMENT", "production")
    with pytest.raises(OperatorError, match="not safe for production"), imap("imap://bounces:secret@mail.example.org"):
        pass
    with a_box({}) as (port, _), imap(f"imap://bounces:secret@127.0.0.1:{port}/INBOX") as mails:
        assert list(mails) == []
