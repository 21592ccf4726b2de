"""A commit of a Git repository in, a Lineage out. The only room that knows Git and DVC."""
