"""Find the files and params that commands and Python scripts use, without running them."""
