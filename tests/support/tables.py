"""The tables of the applications that there is a preset for, as those create them, with some accounts.

schemas/<preset>.sql: Ann has the key 5 and the address ann@example.org, Ben has 6 and is left alone by
whatever happens to Ann, Cas has 7 and must get no link. Columns, widths, engines and collations are those of
the applications' own installers; columns that nothing here is about are left out of the largest tables.
"""

import pathlib

from stack import mariadb

SCHEMAS = pathlib.Path(__file__).resolve().parent / "schemas"


def sql(preset, old_hash=""):
    """old_hash: what Ann and Ben have stored."""
    return f"SET @old_hash = {mariadb.quote(old_hash)};\n{(SCHEMAS / f'{preset}.sql').read_text()}"
