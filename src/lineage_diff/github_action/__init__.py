"""Inside GitHub Actions: an event becomes an activity; it runs; what came of it is published."""
