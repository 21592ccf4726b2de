"""The one comment on each pull request."""
