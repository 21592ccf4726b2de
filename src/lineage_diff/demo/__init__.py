"""Create a real Git and DVC repository with a pull request branch for the demo."""
