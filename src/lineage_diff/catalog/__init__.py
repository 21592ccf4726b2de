"""The lineage of a repository as flat facts, and one writer for each catalog."""
