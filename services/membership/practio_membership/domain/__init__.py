"""The rules of membership: who may join, who is next, who has a seat. Pure: no clock, no chance, no tables.

A decision is a function of (state, command) that returns an event, a refusal, or None if nothing has to change;
``changes.evolve`` alone applies an event.
"""
