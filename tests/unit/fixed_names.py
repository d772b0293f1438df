"""Names on disk and on the wire that have a retired word, by the file that uses them, with what they are.

``vocabulary.py`` lets a file use the words that stand here for it, and no others.
"""

FIXED: dict[str, tuple[set[str], str]] = {
    "contracts/practio_contracts/membership/queries.py": ({"fact"}, "the field of a change in the history"),
    "deploy/operator/practio_operator/commands/message_commands.py": ({"tell"}, "the command `practio tell`"),
    "deploy/operator/practio_operator/imports/publishing.py": ({"told"}, "an outcome in notes of imports and in JSON"),
    "deploy/operator/practio_operator/invariants/connection.py": ({"told"}, "the column room.told"),
    "deploy/operator/practio_operator/invariants/projection_checks.py": ({"told"}, "the column room.told"),
    "services/chassis/practio_chassis/outbound/outbox_age.py": ({"said"}, "the column outbox.said_at"),
    "services/membership/practio_membership/migrations/versions/0001_lay_out_the_schema.py": (
        {"told"},
        "the column room.told",
    ),
    "services/membership/practio_membership/queries/history.py": ({"fact"}, "the column and field of a change"),
    "services/membership/practio_membership/store/rows.py": (
        {"told", "wishes"},
        "the columns room.told and membership.wishes",
    ),
    "services/membership/practio_membership/store/waitlist.py": ({"wishes"}, "the column membership.wishes"),
    "services/membership/practio_membership/tables.py": (
        {"fact", "told", "wishes"},
        "the columns history.fact, room.told and membership.wishes",
    ),
    "services/notifications/practio_notifications/letters/relevance.py": (
        {"said", "told"},
        "reasons for which a letter is skipped: told-with-the-room, said-no",
    ),
    "services/notifications/practio_notifications/migrations/versions/0001_lay_out_the_schema.py": (
        {"told"},
        "the columns occupancy.told and letter.told",
    ),
    "services/notifications/practio_notifications/migrations/versions/0009_forget_in_time.py": (
        {"told"},
        "the column letter.told",
    ),
    "services/notifications/practio_notifications/personal_data.py": ({"told"}, "the column letter.told"),
    "services/notifications/practio_notifications/retention.py": ({"told"}, "the column letter.told"),
    "services/notifications/practio_notifications/tables/letters.py": ({"told"}, "the column letter.told"),
    "services/notifications/practio_notifications/tables/rooms.py": ({"told"}, "the column occupancy.told"),
    "services/notifications/practio_notifications/tables/sessions.py": ({"told"}, "the column session.told_in"),
    "tests/bench/letters.py": ({"told"}, "the column letter.told"),
    "tests/integration/membership/test_hosting.py": ({"fact"}, "the field of a change in the history"),
    "tests/integration/membership/test_sweep_bounds.py": ({"told"}, "the column room.told"),
    "tests/integration/notifications/test_care.py": ({"told"}, "the column letter.told"),
    "tests/integration/notifications/test_delivery_rules.py": ({"told"}, "the column letter.told"),
    "tests/integration/notifications/test_long_digests.py": ({"told"}, "the column letter.told"),
    "services/pages/practio_pages/templates/history.jinja": ({"fact"}, "the field of a change in the history"),
    "tests/integration/notifications/test_sending.py": ({"told"}, "the column letter.told"),
    "tests/integration/operator/test_invariants.py": ({"told"}, "the column room.told"),
    "tests/plans/filled.py": ({"told"}, "the columns room.told, occupancy.told and letter.told"),
    "tests/system/test_care.py": ({"told"}, "the column letter.told"),
    "tests/system/test_import.py": ({"told"}, "an outcome of an import"),
    "tests/system/test_import_trial.py": ({"told"}, "an outcome of an import"),
    "tests/system/test_preferences.py": ({"told"}, "the column letter.told"),
    "tests/unit/notifications/test_session_participation.py": (
        {"said"},
        "a reason for which a letter is skipped: said-no",
    ),
    "tests/unit/notifications/test_relevance.py": (
        {"told"},
        "a reason for which a letter is skipped: told-with-the-room",
    ),
    "tests/unit/operator/test_import_files.py": ({"told"}, "an outcome in notes of imports"),
    "tests/unit/operator/test_import_progress.py": ({"told"}, "an outcome in notes of imports"),
}
