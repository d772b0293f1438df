"""How PostgreSQL plans the statements of queries."""

from sqlalchemy import text

PLANNED_AS_ASKED = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""Plan each query on its own: a cached plan for any words and filters reads a hundred times more rows."""
