"""Machine-readable exports of a report: SARIF, annotations, CSV."""
