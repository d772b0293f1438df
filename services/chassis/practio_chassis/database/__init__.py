"""The database: engine, the chassis' own tables, SQL expressions and migrations."""
