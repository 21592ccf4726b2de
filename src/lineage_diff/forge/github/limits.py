"""How much GitHub takes of each text, in characters."""

COMMENT_LIMIT = 65_536
# For the summary and the text of a check run, each.
CHECK_TEXT_LIMIT = 65_535
