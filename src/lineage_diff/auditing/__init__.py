"""The whole way from a question to an AuditReport: read the history, answer, report."""
