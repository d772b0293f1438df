"""What a value is replaced by: odd values of every type, and texts that mean something to what reads them."""

from typing import Any

SPECIAL_TEXTS = (
    # PostgreSQL's and LIKE's
    "\\", "\\\\", "\\ ", "%", "_", "%%%%", "\\%", "'", "''", "';--", "$$", "$1", ":name", "E'\\x00'", "\\x00", "{}",
    "{1,2}",
    # of text search
    "&", "|", "!", "!!", "<->", "<1>", "a & ", "(", ")", "()", ":*", "a:*", "a:ABCD", "'a' <-> 'b", '"', '""', '"a',
    '"a b" -c',
    "-", "--", "- or", "or", "or or", "-\"", "\\'", "*", "a*b", "@@",
    # of regular expressions
    ".*", "[", "]", "[]", "[^", "(?", "(?=", "(?<n>", "a{", "a{99999}", "\\1", "\\y", "\\m", "^$", "(((((((((((",
    "+", "?", "(a+)+$",
    # of JSON and of templates
    "\"}", "\\u0000", "\\ud800", "null", "{\"a\":1}", "{{ 1 }}", "{% if %}", "${x}", "%s", "%(x)s", "{0.__class__}",
    # of Unicode
    "\u0000", "\u0001", "\u007f", "\u0085", "\u200b", "\u200f\u202e", "\ufeff", "\ufffe", "\uffff", "e\u0301",
    "\u0130", "\u00df",
    "\ufb01", "\U0001f9d1\u200d\U0001f680", "\U0010ffff", "\u1e9b\u0323", "a" + "\u0301" * 200, "\u3000", " ", "\t",
    "\n", "\r\n",
    # of mail, paths and the web
    "a@b", "\"a b\"@example.org", "a@[127.0.0.1]", "a\r\nBcc: b@example.org", "../../etc/passwd",
    "<script>alert(1)</script>",
    "javascript:alert(1)", "http://[::1", "https://\u2603.example", "=?utf-8?q?=00?=",
    # long ones
    "x" * 300, "x" * 5_000, "\\" * 400, "% " * 300, "( " * 300, "\"" * 301, "a | " * 300, "\U0001f9d1" * 2_000,
    "a " * 2_000,
)  # fmt: skip

JUNK: tuple[Any, ...] = (
    None, "", True, False, 0, -1, 1, 1.5, -0.0, 1e308, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**40, [], {}, [[]],
    [None],
    {"": None}, {"a": {"b": []}}, ["x"] * 600, "0", "1", "-1", "01", "1e3", "999999999999999999", "9" * 30, "true",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{0194a1f2-51c0-7fde-8e43-0d40bd57deea}",
    "system", "2026-03-02T10:32:17Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2026-02-30T00:00:00Z",
    "2026-03-29T02:30:00", "2026-03-02T10:32:17+99:99", "-4713-01-01T00:00:00Z", "Europe/Rome", "Europe/Nowhere",
    "localtime",
    "../zone.tab", "Etc/GMT+12", "de", "zh-Hant-TW", "x-" + "a" * 40, "i-default", "open", "offer", "participant",
    "FREQ=DAILY",
    "FREQ=SECONDLY;COUNT=1000000", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=99991231T000000Z",
    "practio.rooms.create-room.v1",
)  # fmt: skip

ODD_HEADERS: dict[str, Any] = {
    "CC": ["membership.withdraw.v1"],
    "BCC": ["rooms.create-room.v1", "nowhere"],
    "x-death": [{"count": 99, "reason": "rejected", "queue": "rooms.commands", "exchange": "", "routing-keys": ["a"]}],
    "x-delivery-count": 1_000_000,
    "x-match": "all",
    "x-delay": -1,
    "practio-attempt": 3,
    "practio-exchange": "practio.events",
    "practio-routing-key": "rooms.room-published.v1",
    "practio-account": "practio-rooms",
    "practio-reason": "none",
    "traceparent": "00-00000000000000000000000000000000-0000000000000000-ff",
    "cloudEvents:type": "practio.rooms.archive-room.v1",
    "cloudEvents:specversion": "1.0",
    "cloudEvents:id": "\u0000",
    "cloudEvents_source": "/practio/rooms",
    "": "nameless",
    "a" * 120: "long",
    "nested": {"a": [{"b": [1, 2.5, None, True, bytearray(b"\xff")]}]},
    "large": "x" * 20_000,
}
