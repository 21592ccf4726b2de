"""Where results are published: plain data, and a package for each kind of forge."""
