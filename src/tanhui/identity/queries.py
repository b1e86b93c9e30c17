"""Queries that every request asks, compiled once: to compile one measured several times what it is to ask it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


class Given(Expression):
    """Stands in a filter for a value that is named when the query is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Prepared(Generic[Row]):
    """A queryset of whole rows, with ``select_related`` as far as one likes, in which ``Given`` stands for values."""

    def __init__(self, build: Callable[[], QuerySet[Row]]) -> None:
        self.build = build

    @cached_property
    def compiled(self) -> tuple[str, Any, Callable[[Any], list[Row]]]:
        """The statement, its parameters, and what makes rows of its answer; all as Django's ``ModelIterable`` does."""
        queryset = self.build()
        compiler: Any = queryset.query.get_compiler(using=queryset.db)
        sql, params = compiler.as_sql()
        select, info = compiler.select, compiler.klass_info
        converters = compiler.get_converters([column for column, _, _ in select])
        first, end = info["select_fields"][0], info["select_fields"][-1] + 1
        names = [column.target.attname for column, _, _ in select[first:end]]
        populating: Any = get_related_populators
        populators = populating(info, select, queryset.db)

        def rows(answer: Any) -> list[Row]:
            found = []
            for row in compiler.apply_converters(answer, converters) if converters else answer:
                one: Row = queryset.model.from_db(queryset.db, names, row[first:end])
                for populator in populators:
                    populator.populate(row, one)
                found.append(one)
            return found

        return sql, params, rows

    def rows(self, **given: Any) -> list[Row]:
        """The rows for these values, each already as the database takes it."""
        sql, params, rows = self.compiled
        with connection.cursor() as cursor:
            cursor.execute(sql, [given[one.name] if isinstance(one, Given) else one for one in params])
            return rows(cursor.fetchall())

    def first(self, **given: Any) -> Row | None:
        """The first of the rows, or none."""
        return next(iter(self.rows(**given)), None)


class PreparedValues:
    """A queryset of values (``values_list``), in which ``Given`` stands for values."""

    def __init__(self, build: Callable[[], QuerySet[Any, tuple[Any, ...]]]) -> None:
        self.build = build

    @cached_property
    def compiled(self) -> tuple[str, Any, Callable[[Any], Any]]:
        queryset = self.build()
        compiler: Any = queryset.query.get_compiler(using=queryset.db)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        return sql, params, lambda answer: compiler.apply_converters(answer, converters) if converters else answer

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """The rows for these values, each already as the database takes it."""
        sql, params, converted = self.compiled
        with connection.cursor() as cursor:
            cursor.execute(sql, [given[one.name] if isinstance(one, Given) else one for one in params])
            return [tuple(row) for row in converted(cursor.fetchall())]
