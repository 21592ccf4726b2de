"""Rules on stages and models that are not up to date."""
