"""What commands and Python scripts use, found without running them."""
