"""The package as users install it: the wheel alone, in an environment that holds nothing else."""
