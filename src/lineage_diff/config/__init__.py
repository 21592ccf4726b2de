"""Read the configuration file `.github/lineage-diff.yml` and the ignore comments."""
