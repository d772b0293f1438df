"""The chassis: the code that all services share. It moves messages and knows no domain term."""
