"""Provisioning: the broker's topology and accounts, the database's roles and schemas."""
