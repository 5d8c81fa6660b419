"""SQL that writes a table of many calls from the rows of a few, which stand for them: the database does the work."""

from collections.abc import Mapping, Sequence

from console_shapes import ACCOUNT, ACCOUNT_ID, CALLER, TABLES, Shape

_TIMES = frozenset("at started_at ended_at kept_until created_at deleted_at_carrier fetched_at".split())
_STAND_INS = ((CALLER, "p.phone"), (ACCOUNT, "p.account_number"), (str(ACCOUNT_ID), "CAST(p.account AS text)"))
# What no shape can tell, in SQL; n: number of the row.
_OWN = {
    ("call_facts", "since_last_s"): "p.since_last_s",
    ("call_facts", "next_after_s"): "p.next_after_s",
    ("call_facts", "version"): "p.version",
    ("call_facts", "simulated"): "p.simulated",
    ("calls", "simulated"): "p.simulated",
    ("account_changes", "account_id"): "p.account",
    ("account_changes", "code"): "{code}",
    ("voicemails", "recording_sid"): "{recording}",
}
_CODE = "(p.account * 7919 + row_number() OVER () * 104729) % 1000000"
_DIALECT = {
    "sqlite": {
        "code": f"printf('%06d', {_CODE})",
        "recording": "printf('RE%032x', row_number() OVER ())",
        "shifted": "strftime('%Y-%m-%d %H:%M:%f', t.{0}, p.shift || ' seconds') || '000'",
        "text": 't."{0}"',
        "of_text": "{0}",
    },
    "postgresql": {
        "code": f"lpad(({_CODE})::text, 6, '0')",
        "recording": "'RE' || lpad(to_hex(row_number() OVER ()), 32, '0')",
        "shifted": "t.{0} + p.shift * interval '1 second'",
        "text": 't."{0}"::text',
        "of_text": "({0})::{1}",
    },
}
_NO_END = "ended_at = NULL, duration_s = NULL, status = 'in-progress', disposition = NULL"
_NO_FACTS = "ended = {no}, duration_s = NULL, disposition = NULL, path_id = NULL, left_at = NULL"
_GOING = "WHERE sid IN (SELECT sid FROM placed WHERE going = 1)"
GOING = (f"UPDATE calls SET {_NO_END} {_GOING}", f"UPDATE call_facts SET {_NO_FACTS} {_GOING}")  # noqa: S608 our own


def columns_of(shapes: Sequence[Shape]) -> dict[str, list[str]]:
    """List the columns of each table of calls, without ids: those are given out anew."""
    found = {table: next(list(shape.rows[table][0]) for shape in shapes if shape.rows[table]) for table in TABLES}
    return {table: [name for name in names if name != "id"] for table, names in found.items()}


def spread(
    table: str, names: Sequence[str], shapes: Sequence[Shape], backend: str, types: Mapping[str, str] | None = None
) -> str:
    """Write the statement that fills a table from `shape_{table}` and `placed`, in the order of the latter.

    types: of columns that are not text.
    """
    words = _DIALECT[backend]
    values: list[str] = []
    for name in names:
        if (own := _OWN.get((table, name))) is not None:
            flag = name == "simulated" and backend == "postgresql"
            values.append(f"{own} = 1" if flag else own.format(**words))
        elif name in {"sid", "call_sid"}:
            values.append("p.sid")
        elif name in _TIMES:
            values.append(words["shifted"].format(name))
        else:
            values.append(_replaced(table, name, shapes, words, (types or {}).get(name, "text")))
    into = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table} ({into}) SELECT {', '.join(values)} FROM placed p "  # noqa: S608 our own names
        f"CROSS JOIN shape_{table} t WHERE t.shape = p.shape"
    )


def _replaced(table: str, name: str, shapes: Sequence[Shape], words: dict[str, str], kind: str) -> str:
    """Put a call's own words in the place of the stand-ins that occur in a column."""
    found = [row[name] for shape in shapes for row in shape.rows[table] if isinstance(row[name], str)]
    sid = "t.sid" if table in {"calls", "call_facts"} else "t.call_sid"
    value = words["text"].format(name)
    if any(shape.sid in row[name] for shape in shapes for row in shape.rows[table] if isinstance(row[name], str)):
        value = f"replace({value}, {sid}, p.sid)"
    for mark, own in _STAND_INS:
        if any(mark in text for text in found):
            value = f"replace({value}, '{mark}', {own})"
    return words["of_text"].format(value, kind) if value != words["text"].format(name) else f't."{name}"'
