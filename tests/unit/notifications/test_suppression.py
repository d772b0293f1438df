"""When an address is not written to any more."""

from tests.support.every_case import every_case

from practio_contracts.notifications import BounceKind
from practio_notifications.letters.suppression import ends_writing


@every_case(
    ("kind", "soft_in_a_week", "ends"),
    [
        ("hard", 0, True),
        ("complaint", 0, True),
        ("soft", 1, False),
        ("soft", 4, False),
        ("soft", 5, True),
        ("refused", 9, False),
    ],
)
def test_one_hard_bounce_one_complaint_or_five_soft_bounces_in_a_week_suppress_an_address(
    kind: str, soft_in_a_week: int, ends: bool
) -> None:
    assert ends_writing(BounceKind(kind), soft_in_a_week=soft_in_a_week) is ends
