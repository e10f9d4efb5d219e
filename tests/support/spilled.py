"""Every secret that a test run used, so that the logs can be searched for them at the end."""

import urllib.parse

# Shorter ones would be found by chance.
MIN_LENGTH = 8
secrets = set()


def remember(secret):
    if isinstance(secret, bytes):
        secret = secret.decode(errors="replace")  # as logs are read
    if secret and len(secret) >= MIN_LENGTH:
        secrets.add(secret)


def forms_of(secret):
    """As it is, and as it may stand in a URL."""
    return {secret, urllib.parse.quote(secret), urllib.parse.quote_plus(secret)}
