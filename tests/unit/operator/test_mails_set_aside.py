"""Mails of which something was refused for now: printed once, left alone for an hour, filed away after a day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from practio_operator.mailbox.mailboxes import UnseenMail
from practio_operator.mailbox.outcomes import ANSWERED, NOT_COUNTED, REFUSED, MailOutcome
from practio_operator.mailbox.processing import ReadMail
from practio_operator.mailbox.set_aside import MailsSetAside
from practio_operator.mailbox.watching import printed_once

NOW = datetime(2026, 3, 1, 18, tzinfo=UTC)
DETAIL = "not-allowed: this account may not act as the system"
REFUSED_ANSWER = MailOutcome("1.host", REFUSED, kind="yes", detail=DETAIL, session_id="019caf60")
REFUSED_BOUNCE = MailOutcome("1.host", REFUSED, letter_id="0194a1f2", kind="hard", detail=DETAIL)


class Watched:
    """A mailbox that is watched, with one mail, whose outcomes are given; ``seen``: it was marked as seen."""

    def __init__(self) -> None:
        self.aside, self.seen = MailsSetAside(), False
        self.found = ReadMail(UnseenMail("1.host", lambda: b"", self._mark_seen), [], [])

    def _mark_seen(self) -> None:
        self.seen = True

    def look(self, after: timedelta, *outcomes: MailOutcome) -> Sequence[MailOutcome] | None:
        """Return what is printed of the mail so long after the first look; None if it is left alone."""
        now = NOW + after
        self.aside.keep({"1.host"})
        return None if self.aside.rests("1.host", now) else printed_once(self.found, outcomes, self.aside, now)


def test_a_refused_answer_is_printed_once_and_left_alone_for_an_hour() -> None:
    watched = Watched()
    assert watched.look(timedelta(), REFUSED_ANSWER) == [REFUSED_ANSWER]
    assert watched.look(timedelta(seconds=10), REFUSED_ANSWER) is None
    assert watched.look(timedelta(minutes=59), REFUSED_ANSWER) is None
    assert watched.look(timedelta(hours=1), REFUSED_ANSWER) == []
    assert watched.look(timedelta(hours=1, minutes=59), REFUSED_ANSWER) is None
    assert not watched.seen


def test_an_answer_that_is_accepted_after_all_is_printed() -> None:
    watched = Watched()
    watched.look(timedelta(), REFUSED_ANSWER)
    answered = MailOutcome("1.host", ANSWERED, kind="yes", session_id="019caf60")
    assert watched.look(timedelta(hours=1), answered) == [answered]


def test_answers_that_are_refused_for_a_day_are_filed_away() -> None:
    watched = Watched()
    watched.look(timedelta(), REFUSED_ANSWER)
    assert watched.look(timedelta(hours=23), REFUSED_ANSWER) == []
    [printed] = watched.look(timedelta(hours=24), REFUSED_ANSWER) or []
    assert (printed.outcome, printed.detail, watched.seen) == (NOT_COUNTED, DETAIL, True)


def test_a_refused_bounce_is_never_filed_away() -> None:
    watched = Watched()
    watched.look(timedelta(), REFUSED_BOUNCE)
    assert watched.look(timedelta(days=3), REFUSED_BOUNCE, REFUSED_ANSWER) == []
    assert not watched.seen


def test_a_mail_that_is_gone_is_forgotten() -> None:
    watched = Watched()
    watched.look(timedelta(), REFUSED_ANSWER)
    watched.aside.keep(set())
    assert watched.aside.mails == {}
