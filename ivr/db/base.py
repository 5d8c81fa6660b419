"""What all tables are made of: times, words, ids, names of constraints."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum as PythonEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Index, Integer, MetaData, TypeDecorator, text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.schema import SchemaItem

from ivr.accounts import ChangeKind, Plan
from ivr.call import Disposition
from ivr.messages import MessageState
from ivr.staff import Role
from ivr.text import Purpose, StopSource, TextState
from ivr.waiting import Kind, PlaceState


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; a naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write: UTC, without a zone where the database knows none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read: aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(of: type[PythonEnum]) -> list[str]:
    return [word.value for word in of]


def words(of: type[PythonEnum]) -> Enum:
    """Store a word as itself, not as its name in the code."""
    return Enum(of, native_enum=False, length=32, values_callable=_values)


def partial(name: str, *columns: str, where: str) -> Index:
    """Index a few rows of many: those that somebody still has to look at. Queries name `where` word for word."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def only(dialect: str, index: Index) -> Index:
    """Have an index on one database, and not on the other."""
    index.info["only"] = dialect
    return index.ddl_if(dialect=dialect)


def belongs(dialect: str) -> Callable[..., bool]:
    """Tell Alembic what to compare: `include_object` for a database that lacks the other's indexes."""

    def include(item: SchemaItem, *_: object) -> bool:
        return bool(item.info.get("only", dialect) == dialect)

    return include


ID = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Common to all tables: constraints have names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        Plan: words(Plan),
        ChangeKind: words(ChangeKind),
        Disposition: words(Disposition),
        MessageState: words(MessageState),
        Kind: words(Kind),
        PlaceState: words(PlaceState),
        Purpose: words(Purpose),
        Role: words(Role),
        StopSource: words(StopSource),
        TextState: words(TextState),
        dict[str, Any]: JSON,
    }
