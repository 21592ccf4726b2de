"""Two lineages in, one Change out. Pure: no I/O, no Git, no DVC."""
