"""A real OpenSSH server on the loopback, for one user with one key: files alone, no shell."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/libexec")
MISSING = None if SSHD else "this machine lacks sshd (Debian: apt-get install openssh-server)"
_SEPARATED = Path("/run/sshd")


class SshServer:
    """Listens from `with` on. `key` is the file of the private key that it takes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self.key = _key(folder / "user")
        self.other_key = _key(folder / "stranger")
        self.user = getpass.getuser()
        host = _key(folder / "host")
        keys = folder / "authorized_keys"
        keys.write_bytes(self.key.with_suffix(".pub").read_bytes())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.known_hosts = folder / "known_hosts"
        public = host.with_suffix(".pub").read_text(encoding="utf-8")
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {public}", encoding="utf-8")
        self._config = folder / "sshd_config"
        settings = (
            f"ListenAddress 127.0.0.1:{self.port}",
            f"HostKey {host}",
            f"AuthorizedKeysFile {keys}",
            f"PidFile {folder / 'pid'}",
            "StrictModes no",
            "PasswordAuthentication no",
            "UsePAM no",
            "Subsystem sftp internal-sftp",
            "ForceCommand internal-sftp",
        )
        self._config.write_text("\n".join(settings) + "\n", encoding="utf-8")

    def __enter__(self) -> "SshServer":
        if os.geteuid() == 0:
            _SEPARATED.mkdir(mode=0o755, exist_ok=True)
        assert SSHD is not None
        self._process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", str(self._config)], stderr=subprocess.PIPE
        )
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    self._process.kill()
                    said = self._process.communicate()[1].decode(errors="replace")
                    raise AssertionError(f"sshd does not listen: {said}") from None
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)


def _key(file: Path) -> Path:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)],
        check=True,
        capture_output=True,
    )
    return file
