"""Text and pictures to GitHub: comment, check run, images, job summary, outputs. Knows no DVC."""
