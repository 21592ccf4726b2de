"""Errors of an MLflow server; no message contains its address, credentials or answer.

No message uses the text of an exception: the HTTP libraries put addresses into theirs.
"""

UNSUPPORTED = "MLFLOW_TRACKING_URI is not an http or https address, the only supported kinds"
MISCONFIGURED = "MLFLOW_TRACKING_URI or its credentials are invalid"
TLS_BOTH = "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH exclude each other"
TLS = (
    "no secure connection to the MLflow server: it does not speak TLS, or a certificate is missing "
    "or not trusted"
)
DOWN = "the MLflow server cannot be reached, or drops its connections"
SLOW = "the MLflow server did not answer in time"
HUGE = "an answer of the MLflow server is over the limit of bytes"
NONSENSE = "the server at MLFLOW_TRACKING_URI does not speak MLflow's REST API"
REDIRECT = (
    "the MLflow server redirects to another address, and credentials are sent only to "
    "MLFLOW_TRACKING_URI"
)
OUT_OF_REACH = frozenset(
    (UNSUPPORTED, MISCONFIGURED, TLS_BOTH, TLS, DOWN, SLOW, NONSENSE, REDIRECT)
)
TOO_MANY = "the MLflow server has more runs than the limit: only the newest were checked"


TOO_MANY_USED = (
    "the MLflow server has more versions with an alias or a stage than the limit: only the first "
    "by name were checked"
)


class MlflowUnavailableError(Exception):
    """The server gave no answer, or not all; the text is a sentence without its full stop."""


class MlflowFailedError(MlflowUnavailableError):
    """The server answered with an error: another request may succeed."""


class MlflowUnknownError(MlflowFailedError):
    """The requested object is unknown to the server, or its name is invalid."""


def refused(status: int) -> str:
    """Message for missing, wrong or insufficient credentials."""
    return f"the MLflow server refuses the credentials (HTTP {status})"


def failed(status: int) -> str:
    """Message for a server error or a rejected request."""
    return f"the MLflow server answered with an error (HTTP {status})"
