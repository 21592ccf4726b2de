"""Put several revisions into one table: their params, metrics and freshness."""
