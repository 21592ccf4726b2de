"""Many repositories as one store of tables: their schema, and the rows of one repository."""
