"""Machine-readable exports of a report: SARIF, Code Climate, JUnit, annotations, CSV."""
