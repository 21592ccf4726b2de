"""GitHub's limits on texts, in characters."""

COMMENT_LIMIT = 65_536
# For the summary and for the text of a check run.
CHECK_TEXT_LIMIT = 65_535
