"""Imports of existing people and members from CSV files."""
