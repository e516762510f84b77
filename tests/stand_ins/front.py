"""Debian's nginx in front of a site, as the docs recommend it, with TLS and a certificate that nobody knows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.stand_ins.gatherings import a_free_port

FRONT = Path(__file__).parents[2] / "docs/how-to/front.conf"
NAME = "gathering.test"
# What Linux gives a connection with packets of 1,400 bytes. Over loopback it would have room for megabytes, and what
# is asked later would wait behind all of that.
SEND_BUFFER = 43_520


@contextmanager
def tls_front(folder: Path, site: str, *, beside: Path | None = None) -> Iterator[int]:
    """The front of the docs before ``site`` (host and port), with HTTP/2 over TLS 1.3; its port.

    What lies in the folder ``beside`` is served under ``/beside/``. What was asked is in ``access.log``.
    """
    folder.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={NAME}", "-keyout", "key.pem", "-out", "certificate.pem"],
        cwd=folder, check=True, capture_output=True, timeout=20,
    )
    port = a_free_port()
    listen = (
        f"listen 127.0.0.1:{port} ssl http2 sndbuf={SEND_BUFFER}; ssl_protocols TLSv1.3;"
        f" ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;"
    )
    if beside is not None:
        listen += f" location /beside/ {{ alias {beside}/; gzip_types *; include /etc/nginx/mime.types; }}"
    front = front_before([site, site]).replace("listen 80;", listen)
    front = front.replace("access_log off;", f"access_log {folder}/access.log asked;")
    with running_nginx(folder, f"log_format asked '$msec $status $bytes_sent $request_time $request_uri';\n{front}"):
        yield port


def front_before(machines: Sequence[str], front: str | None = None) -> str:
    """The docs' front (or this one) with the addresses of these two machines."""
    front = front or FRONT.read_text()
    for documented, machine in zip(re.findall(r"server (10\S+)", front), machines, strict=True):
        front = front.replace(documented, machine)
    return front


@contextmanager
def running_nginx(folder: Path, http: str) -> Iterator[None]:
    """nginx with ``http`` as what it does; its files lie in ``folder``."""
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.getuid() == 0 else ''} daemon off; worker_processes 1; pid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ {http} client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;"
        f" fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; }}\n"
    )
    nginx = ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    subprocess.run([*nginx, "-t"], check=True, capture_output=True, timeout=20)
    process = subprocess.Popen(nginx, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
