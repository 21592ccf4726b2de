"""What the command's exit code tells the shell, and a required check."""

PASS = 0
FAIL = 1
BAD_INPUT = 2
INTERRUPTED = 130
