"""The Report: the contract between analysis and output formats."""
