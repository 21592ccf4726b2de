"""The command line: parse arguments, run a command, return an exit code. No other logic."""
