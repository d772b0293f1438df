"""What notifications forgets in time: letters, past sessions, bounces, strangers (deploy/README.md, What is kept)."""

from collections.abc import Sequence
from datetime import timedelta

from practio_chassis.handling.retention import Retention, retention
from practio_notifications.letters.introductions import ASKING_KEPT_FOR, COUNTED_FOR
from practio_notifications.settings import Settings
from practio_notifications.tables import (
    AnswerRow,
    BounceRow,
    CalendarEntryRow,
    ContactRow,
    IntroductionRow,
    LetterRow,
    PartRow,
    PlanRow,
    SessionRow,
    metadata,
)

_TABLES = metadata.tables


def retentions(settings: Settings) -> Sequence[Retention]:
    """Return how long the rows of each table are kept; a letter on its way is kept in any case."""
    is_settled = LetterRow.due_at.is_(None)
    return (
        Retention(
            table=_TABLES["letter"],
            since=LetterRow.created_at.expression,
            days=settings.letter_texts_kept_days,
            only=(is_settled, LetterRow.cause_data.is_not(None)),
            emptied={"told": None},
        ),
        Retention(
            table=_TABLES["letter"],
            since=LetterRow.created_at.expression,
            days=settings.letters_kept_days,
            only=(is_settled,),
        ),
        Retention(
            table=_TABLES["session"], since=SessionRow.ends_at.expression, days=settings.session_copies_kept_days
        ),
        Retention(
            table=_TABLES["calendar_entry"],
            since=CalendarEntryRow.ends_at.expression,
            days=settings.session_copies_kept_days,
        ),
        *(
            Retention(table=_TABLES[row.__tablename__], since=since.expression, days=settings.session_copies_kept_days)
            for row, since in (
                (AnswerRow, AnswerRow.starts_at),
                (PlanRow, PlanRow.ends_at),
                (PartRow, PartRow.ends_at),
            )
        ),
        Retention(
            table=_TABLES["introduction"], since=IntroductionRow.at.expression, days=COUNTED_FOR // timedelta(days=1)
        ),
        Retention(
            table=_TABLES["contact"],
            since=ContactRow.asked_at.expression,
            days=ASKING_KEPT_FOR // timedelta(days=1),
            only=(ContactRow.asked_at.is_not(None),),
        ),
        Retention(table=_TABLES["bounce"], since=BounceRow.at.expression, days=settings.bounces_kept_days),
    )


RETENTION = retention("notifications", retentions)
