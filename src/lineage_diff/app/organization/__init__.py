"""Index repositories into the tables of an organization."""
