"""Who owns the models of a change, and who uses them."""
