"""The rules of membership: who may come in, who is next, whose the seat is. Pure: no clock, no chance, no tables.

A decision is a function of (what is, the command) that gives an event, a refusal, or None where nothing has to change;
``changes.evolve`` alone writes what comes of an event. Source: the design's page on membership.
"""
