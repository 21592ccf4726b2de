"""Questions to the tables of many repositories: from the rows of an engine to answers."""
