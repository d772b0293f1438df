"""The campaign: faults and fuzzed messages at random, for as long as given, on servers and services of its own."""
