"""Read `dvc.yaml` and `.dvc` files, with their templates."""
