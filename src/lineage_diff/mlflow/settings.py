"""Read the MLflow server and its credentials from MLflow's own environment variables.

Follows `mlflow.utils.credentials.get_default_host_creds` and `mlflow.utils.rest_utils`: user name
and password count only together, and before a token. Those in the address take precedence, as in
`requests`, MLflow's HTTP client.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from lineage_diff.mlflow import errors as reason
from lineage_diff.mlflow.errors import MlflowUnavailableError


@dataclass(frozen=True, slots=True)
class MlflowSettings:
    """The server's `base` address without credentials, query or final slash, and the credentials.

    `verify` is whether to check certificates, or the path of the trusted ones.
    """

    base: str = field(repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    verify: bool | str = True
    client_certificate: str | None = None


def mlflow_settings(environ: Mapping[str, str]) -> MlflowSettings | None:
    """Return the settings, `None` if `MLFLOW_TRACKING_URI` is not set.

    Raises `MlflowUnavailableError` for an unsupported address: a file, a database, or an invalid
    one.
    """
    address = environ.get("MLFLOW_TRACKING_URI", "").strip()
    if not address:
        return None
    try:
        parts = urlsplit(address)
        host, user, password = parts.hostname, parts.username, parts.password
        usable = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise MlflowUnavailableError(reason.MISCONFIGURED) from None
    if parts.scheme not in ("http", "https"):
        raise MlflowUnavailableError(reason.UNSUPPORTED)
    if not usable or not address.isprintable() or " " in address:
        raise MlflowUnavailableError(reason.MISCONFIGURED)
    login = None
    if user and password:
        login = unquote(user), unquote(password)
    elif environ.get("MLFLOW_TRACKING_USERNAME") and environ.get("MLFLOW_TRACKING_PASSWORD"):
        login = environ["MLFLOW_TRACKING_USERNAME"], environ["MLFLOW_TRACKING_PASSWORD"]
    return MlflowSettings(
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}",
        login,
        environ.get("MLFLOW_TRACKING_TOKEN") or None,
        _verify(environ),
        environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH") or None,
    )


def _verify(environ: Mapping[str, str]) -> bool | str:
    trusted = environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None
    insecure = environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1")
    if insecure and trusted:
        raise MlflowUnavailableError(reason.TLS_BOTH)
    return trusted or not insecure
