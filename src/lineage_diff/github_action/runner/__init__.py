"""The interface to GitHub's runner: event, inputs, log, files and fetching."""
