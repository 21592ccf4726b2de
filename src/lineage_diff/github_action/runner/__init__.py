"""GitHub's runner: event, inputs, log, files and checkout."""
