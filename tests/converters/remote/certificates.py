"""An authority of the tests' own, and a server certificate that it signed."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


def make_certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """The authority's file, and the context of a server whose certificate is for `name`."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the certificates of the https tests, is not installed")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    curve = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}")
    command = ("openssl", "req", "-x509", "-newkey", *curve, "-nodes", "-days", "2", *subject)
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
