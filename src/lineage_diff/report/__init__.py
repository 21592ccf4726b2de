"""The Report: the contract between all that computes and all that shows."""
