"""GitHub: client, check runs, images and pull requests. Independent of DVC."""
