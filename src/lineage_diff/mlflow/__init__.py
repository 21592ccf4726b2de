"""An MLflow server, and its runs beside commits."""
