"""Which letters there are, who gets them, when they are true and what becomes of them: rules, and nothing else."""
