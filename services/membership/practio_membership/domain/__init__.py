"""The rules of membership: who may come in, who is next, whose the seat is. Pure: no clock, no chance, no tables.

A decision is a function of (what is, the wish) that gives a fact, a refusal, or None where nothing has to change;
``turn.evolve`` alone writes what comes of a fact. Source: the design's page on membership.
"""
