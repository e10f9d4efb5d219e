"""All that stands in a schema, cell by cell, to see what a reset changes and what it leaves alone."""

import dataclasses


@dataclasses.dataclass
class Difference:
    changed: dict  # (table, key of the row, column): (before, after), as bytes; None is NULL
    removed: set   # (table, key of the row)
    added: set


def take(server, schema):
    """{(table, key of the row): {column: bytes or None}}; the key is the primary key's values."""
    rows = {}
    for (table,) in server.query("SELECT table_name FROM information_schema.tables WHERE "
                                 f"table_schema = '{schema}' AND table_type = 'BASE TABLE'"):
        columns = server.query(
            "SELECT column_name, column_key FROM information_schema.columns WHERE "
            f"table_schema = '{schema}' AND table_name = '{table}' ORDER BY ordinal_position")
        names = [name for name, _ in columns]
        hexadecimal = ", ".join(f"HEX(CAST(`{name}` AS BINARY))" for name in names)
        for cells in server.query(f"SELECT {hexadecimal} FROM `{schema}`.`{table}`"):
            row = {name: _bytes_of(cell) for name, cell in zip(names, cells, strict=True)}
            key = tuple(row[name] for name, kind in columns if kind == "PRI")
            rows[table, key or tuple(row.values())] = row
    return rows


def _bytes_of(cell):
    return None if cell == "NULL" else bytes.fromhex(cell)


def compare(before, after):
    changed = {(*row, column): (value, after[row][column])
               for row, cells in before.items() if row in after
               for column, value in cells.items() if after[row][column] != value}
    return Difference(changed, before.keys() - after.keys(), after.keys() - before.keys())
