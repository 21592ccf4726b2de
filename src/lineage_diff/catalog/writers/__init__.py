"""One writer for each format of an export: facts in, parts of files out."""
