"""Certificates for servers of the tests."""

import subprocess


def make_certificate(directory, name):
    """A certificate of its own for this host name: (file, key)."""
    files = directory / f"{name}.crt", directory / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "1", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files
