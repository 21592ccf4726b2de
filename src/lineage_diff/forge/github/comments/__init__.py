"""Create and update the one comment on a pull request."""
