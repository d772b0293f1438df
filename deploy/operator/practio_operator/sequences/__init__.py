"""The newest sequence that each service has received of each subject, and forgetting it."""
