"""Random commands of people and the host of one room, for hypothesis to draw from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from tests.support.clients.commands import Data

BY_PERSON = ("request-to-join", "withdraw", "accept-offer", "decline-offer", "accept-invitation", "decline-invitation")
BY_HOST = (
    "approve-request",
    "decline-request",
    "decide-requests",
    "offer-seat",
    "revoke-offer",
    "prioritise",
    "invite",
    "revoke-invitation",
    "remove",
    "lift-bar",
    "change-role",
    "exchange-roles",
)

MAKES_SENSE: Mapping[str | None, Sequence[str]] = {
    "requested": ("approve-request",) * 3 + ("decide-requests", "decline-request", "prioritise", "invite", "withdraw"),
    "waitlisted": ("offer-seat", "offer-seat", "prioritise", "prioritise", "invite", "withdraw", "request-to-join"),
    "offered": ("accept-offer",) * 3 + ("decline-offer", "revoke-offer", "prioritise", "withdraw"),
    "invited": ("accept-invitation",) * 2 + ("request-to-join", "decline-invitation", "revoke-invitation", "withdraw"),
    "joined": ("withdraw",) * 3 + ("remove", "change-role", "exchange-roles", "exchange-roles", "request-to-join"),
    "removed": ("lift-bar", "lift-bar", "request-to-join", "invite"),
}
"""The commands about people of this status, by their frequency; with another status they request, or are invited."""

AT_FIRST = ("request-to-join",) * 5 + ("invite",)

ROLES: Sequence[list[Data]] = (
    [{"name": "participant", "seats": None}],
    [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": None}],
    [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}, {"name": "observer", "seats": None}],
)


@dataclass(frozen=True)
class DrawnCommand:
    """A command about the person with the index ``person_number``, before their status is known.

    It is one of the commands that make sense for the status, by ``choice``, unless ``kind`` is set; ``number`` and
    ``flag`` decide its fields. It is published ``times`` times, on the ``second`` connection or on the one that
    receives answers.
    """

    person_number: int
    kind: str | None = None
    choice: int = 0
    number: int = 0
    flag: bool = False
    times: int = 1
    second: bool = False

    def kind_of(self, status: str | None) -> str:
        """Return the command about a person of this status."""
        sensible = MAKES_SENSE.get(status, AT_FIRST)
        return self.kind or sensible[self.choice % len(sensible)]

    def fields(self, kind: str, person: str, people: Sequence[str], roles: Sequence[str]) -> Data:
        """Return the fields of a command besides the room, in one that has these roles."""
        about = {"person_id": person}
        role = roles[self.number % len(roles)]
        match kind:
            case "decide-requests":
                return {"decisions": self._decisions(people)}
            case "exchange-roles":
                return {"assignments": self._assignments(people, roles)}
            case "request-to-join" | "accept-invitation":
                return about | {"roles": roles[self.number :][:2] or None}
            case "offer-seat":
                return about | {"over_capacity": self.flag}
            case "prioritise":
                return about | {"priority": (-1, 0, 1, 1)[self.number]}
            case "invite":
                return about | {"role": role if self.flag else None, "over_capacity": self.number == 0}
            case "remove":
                return about | {"reason": "The case is closed.", "bar": self.number == 0}
            case "change-role":
                return about | {"role": role}
            case _:
                return about

    def _assignments(self, people: Sequence[str], roles: Sequence[str]) -> list[Data]:
        rotated = [*people[self.number :], *people[: self.number]][: 2 + self.choice % 2]
        return [
            {"person_id": each, "role": roles[(place + self.choice) % len(roles)]} for place, each in enumerate(rotated)
        ]

    def _decisions(self, people: Sequence[str]) -> list[Data]:
        some = people[self.number :]
        return [{"person_id": each, "approve": (place + self.choice) % 3 > 0} for place, each in enumerate(some)]


def bursts(people: int) -> st.SearchStrategy[list[DrawnCommand]]:
    """Return commands about so many people, to be published at once; one in six may make no sense."""
    drawn = st.builds(
        DrawnCommand,
        person_number=st.integers(0, people - 1),
        kind=st.one_of(*[st.none()] * 5, st.sampled_from(BY_PERSON + BY_HOST)),
        choice=st.integers(0, 7),
        number=st.integers(0, 3),
        flag=st.booleans(),
        times=st.sampled_from([1, 1, 2, 3]),
        second=st.booleans(),
    )
    return st.lists(drawn, min_size=1, max_size=8)


_waitlists = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.sampled_from([True, True, False]),
        "promotion": st.sampled_from(["offer", "offer", "automatic"]),
        "after_lapse": st.sampled_from(["leave", "requeue"]),
        "limit": st.sampled_from([None, None, 4]),
    },
)
_accesses = st.fixed_dictionaries(
    {"waitlist": _waitlists},
    optional={"policy": st.sampled_from(["open", "open", "approval", "invitation"])},
)
_small_changes: Sequence[Data] = (
    {"access": {"waitlist": {"enabled": False}}},
    {"access": {"waitlist": {"enabled": False}, "policy": "open"}},
    {"access": {"waitlist": {"enabled": True}, "policy": "open"}},
    {"capacity": 3},
)
room_changes = st.one_of(
    st.sampled_from(_small_changes),
    st.fixed_dictionaries(
        {}, optional={"capacity": st.integers(1, 4), "roles": st.sampled_from(ROLES), "access": _accesses}
    ),
)
