"""Groups of models, causes, stages and findings that one row or one node shows."""
