"""GitHub: client, check runs, images and pull requests. Knows no DVC."""
