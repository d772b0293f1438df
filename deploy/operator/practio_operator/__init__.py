"""The command `practio`: brings Practio up on one machine, and lets an operator look, ask and mend."""
