"""Read facts, write them in the formats of catalogs, and send them."""
