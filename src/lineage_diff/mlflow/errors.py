"""Why an MLflow server told nothing, in words that never quote its address, credentials or answer.

None of them takes the text of an exception: the libraries below put addresses into theirs.
"""

UNSUPPORTED = "MLFLOW_TRACKING_URI names no http or https server, and only those are asked"
MISCONFIGURED = "MLFLOW_TRACKING_URI or the credentials beside it cannot be used as they are"
TLS_BOTH = "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH exclude each other"
TLS = (
    "no secure connection to the MLflow server: it does not speak TLS, or a certificate is missing "
    "or not trusted"
)
DOWN = "the MLflow server cannot be reached, or breaks its connections off"
SLOW = "the MLflow server did not answer in time"
HUGE = "the MLflow server answered with more than is read"
NONSENSE = "what answers at MLFLOW_TRACKING_URI does not speak MLflow's REST API"
REDIRECT = (
    "the MLflow server redirects to another address, and credentials are sent nowhere but to "
    "MLFLOW_TRACKING_URI"
)
TOO_MANY = "the MLflow server holds more than is read: only the newest of its runs were looked at"


class MlflowUnavailableError(Exception):
    """The server told nothing, or not all; the text is a sentence without its full stop."""


class MlflowFailedError(MlflowUnavailableError):
    """The server answered with an error: another question may do."""


class MlflowUnknownError(MlflowFailedError):
    """The server knows no such thing, or takes no such name."""


def refused(status: int) -> str:
    """Say that the credentials are missing, wrong, or not enough."""
    return f"the MLflow server refuses the credentials (HTTP {status})"


def failed(status: int) -> str:
    """Say that the server met an error of its own, or does not take the request."""
    return f"the MLflow server answered with an error (HTTP {status})"
