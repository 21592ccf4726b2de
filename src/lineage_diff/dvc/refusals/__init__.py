"""Find the parts of a project that DVC refuses, as problems with file, line and hint."""
