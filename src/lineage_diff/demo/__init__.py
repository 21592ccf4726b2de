"""Makes a real Git and DVC repository with a pull request's branch in it, and runs on it."""
