"""The use case of a promotion: find its subject, collect the facts, decide."""
