"""Write the domains of addresses in ASCII, the form in which addresses are compared."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from practio_contracts.mail_addresses import address_key, normal_address

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NOT_ASCII = "octet_length(email) <> length(email)"
_FORMS: dict[str, Callable[[str], str]] = {
    "contact": normal_address,
    "bounce": address_key,
    "former_address": address_key,
    "suppression": address_key,
}


_KNOWN = {
    "suppression": "SELECT FROM suppression AS other WHERE other.email = :written",
    "former_address": """
        SELECT FROM former_address AS other WHERE other.email = :written AND other.person_id = each.person_id
    """,
}
"""Where an address may stand already in the form in which it is compared: of two rows one stays."""


def upgrade() -> None:
    if op.get_context().as_sql:
        return  # PostgreSQL cannot write a domain in ASCII: there is no SQL to show
    connection = op.get_bind()
    for table, form in _FORMS.items():
        for email in connection.scalars(sa.text(f"SELECT DISTINCT email FROM {table} WHERE {_NOT_ASCII}")).all():
            if (written := form(email)) != email:
                values = {"email": email, "written": written}
                once = f" AND NOT EXISTS ({_KNOWN[table]})" if table in _KNOWN else ""
                connection.execute(
                    sa.text(f"UPDATE {table} AS each SET email = :written WHERE email = :email{once}"), values
                )
                connection.execute(sa.text(f"DELETE FROM {table} WHERE email = :email"), values)


def downgrade() -> None:
    """Leave the addresses as they are: every release reads them."""
