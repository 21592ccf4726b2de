"""What DVC refuses of a project that it could read: each a problem with file, line and hint."""
