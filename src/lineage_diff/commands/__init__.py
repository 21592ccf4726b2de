"""One file a command: arguments in, exit code out. Nothing is decided here."""
