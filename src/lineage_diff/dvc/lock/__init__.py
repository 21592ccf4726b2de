"""Read `dvc.lock`."""
