"""What membership forgets in time: texts about memberships that have ended (deploy/README.md, What is kept)."""

from collections.abc import Sequence

from practio_chassis.handling.retention import Retention, retention
from practio_membership.settings import Settings
from practio_membership.tables import HAS_REASON, HAS_TEXTS, HISTORY, HistoryRow, MembershipRow, metadata

_MEMBERSHIP = metadata.tables[MembershipRow.__tablename__]


def retentions(settings: Settings) -> Sequence[Retention]:
    """Return how long texts are kept: ids, states and times of memberships and of their history stay."""
    return (
        Retention(
            table=_MEMBERSHIP,
            since=MembershipRow.since.expression,
            days=settings.texts_kept_days,
            only=(HAS_TEXTS,),
            emptied={"answers": {}, "message": None, "reason": None},
        ),
        Retention(
            table=HISTORY,
            since=HistoryRow.at.expression,
            days=settings.texts_kept_days,
            only=(HAS_REASON,),
            emptied={"reason": None},
        ),
    )


RETENTION = retention("membership", retentions)
