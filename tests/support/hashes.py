"""What applications do to a password and how they hash it, written down once more from their documents.

Each function makes the stored text anew from the parameters in `stored`: equal to it means right.
"""

import base64
import hashlib
import unicodedata

from support.site import php_hash, php_verify

ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def addslashes(text):
    for character in ("\\", "'", '"'):
        text = text.replace(character, "\\" + character)
    return text.replace("\0", "\\0")


def trim(text):
    return text.strip(" \t\n\r\0\x0b")


def htmlspecialchars(text):
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def nfc(text):
    return unicodedata.normalize("NFC", text)


def _encode64(data):
    """Six bits a character, the lowest first."""
    number, text = int.from_bytes(data, "little"), ""
    for _ in range((len(data) * 8 + 5) // 6):
        text += ITOA64[number & 63]
        number >>= 6
    return text


def _portable(password, stored, digest, length):
    """The "portable" hashes of phpass: setting (3), rounds (1), salt (8), digest."""
    data = password.encode()
    value = hashlib.new(digest, stored[4:12].encode() + data).digest()
    for _ in range(1 << ITOA64.index(stored[3])):
        value = hashlib.new(digest, value + data).digest()
    return (stored[:12] + _encode64(value))[:length]


def phpass(password, stored="$P$B12345678"):
    return _portable(password, stored, "md5", 34)


def drupal(password, stored="$S$D12345678"):
    return _portable(password, stored, "sha512", 55)


def mediawiki(password, stored=":pbkdf2:sha512:30000:64:c2FsdHNhbHRzYWx0c2FsdA==:"):
    _, kind, digest, rounds, length, salt, _ = stored.split(":")
    key = hashlib.pbkdf2_hmac(digest, password.encode(), base64.b64decode(salt), int(rounds), int(length))
    return ":".join(["", kind, digest, rounds, length, salt, base64.b64encode(key).decode()])


def django(password, stored="pbkdf2_sha256$260000$saltsaltsalt$"):
    name, rounds, salt, _ = stored.split("$")
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), int(rounds))
    return "$".join([name, rounds, salt, base64.b64encode(key).decode()])


def werkzeug(password, stored="pbkdf2:sha256:260000$saltsaltsaltsalt$"):
    method, salt, _ = stored.split("$")
    rounds = int(method.rpartition(":")[2])
    return f"{method}${salt}${hashlib.pbkdf2_hmac('sha256', password.encode(), salt.encode(), rounds).hex()}"


def php(algorithm, front=""):
    """What PHP's password_hash makes, with `front` in front of it."""
    def make(password, stored=None):
        if stored is None:
            return front + php_hash(password, algorithm)
        right = stored.startswith(front) and php_verify(password, stored[len(front):])
        return stored if right else None
    return make
