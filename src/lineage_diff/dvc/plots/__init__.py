"""Read the definitions of plots and their points."""
