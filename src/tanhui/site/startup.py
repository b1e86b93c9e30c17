"""What must hold before anybody is served. Each fault says what to do; a production server does not start with one."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import glyphs

OLDEST = 15  # major version of PostgreSQL
ENGLISH = "en"  # for machines: probes and Django's own checks


class HostsMissing(Refusal):
    code = "site.hosts_missing"
    sentence = gettext_noop(
        "Nobody would be answered: name the host names people type, comma-separated, in TANHUI_HOSTS "
        "(for example TANHUI_HOSTS=registry.example.org)."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class DatabaseUnreachable(Refusal):
    code = "site.database_unreachable"
    sentence = gettext_noop(
        "The database does not answer: %(reason)s. Start it, or correct TANHUI_DATABASE_URL; without that variable "
        "`tanhui serve` starts the embedded one."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class ServerTooOld(Refusal):
    code = "site.server_too_old"
    sentence = gettext_noop("PostgreSQL %(found)s is too old: use version %(oldest)s or newer.")
    clause = "ARCHITECTURE.md §2"
    status = 503


class PlainCtype(Refusal):
    code = "site.plain_ctype"
    sentence = gettext_noop(
        "The database “%(database)s” has LC_CTYPE %(ctype)s and cannot tell Chinese letters from signs. Make it again "
        "with CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' and load the data into it."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class PlainEncoding(Refusal):
    code = "site.plain_encoding"
    sentence = gettext_noop(
        "The database “%(database)s” is encoded in %(encoding)s. Make it again with CREATE DATABASE … TEMPLATE "
        "template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' and load the data into it."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class RoleTooStrong(Refusal):
    code = "site.role_too_strong"
    sentence = gettext_noop(
        "The role “%(role)s” owns %(owned)s tables or is a superuser, so append-only would not bind it. Let web and "
        "worker connect as a role that only has grants (TANHUI_DATABASE_URL), and migrate as the owner "
        "(TANHUI_OWNER_URL); `tanhui migrate` gives the grants."
    )
    clause = "ARCHITECTURE.md §6.5"
    status = 503


class MigrationsPending(Refusal):
    code = "site.migrations_pending"
    sentence = gettext_noop("%(count)s migrations are not applied, first %(first)s. Run `tanhui migrate`.")
    clause = "ARCHITECTURE.md §6"
    status = 503


def faults() -> list[Refusal]:
    """Everything that stands in the way of serving; empty when nothing does."""
    found: list[Refusal] = [] if settings.ALLOWED_HOSTS else [HostsMissing()]
    try:
        glyphs.stamps()
    except Refusal as fonts:
        found.append(fonts)
    try:
        connection.ensure_connection()
        return [*found, *server(), *role(), *migrations()]
    except DatabaseError as fault:
        return [*found, DatabaseUnreachable(reason=str(fault).strip().splitlines()[0])]


def refuse() -> None:
    """Raise the first fault."""
    for fault in faults():
        raise fault


def server() -> list[Refusal]:
    found: list[Refusal] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, datname, datctype,"
            " pg_encoding_to_char(encoding), '碳' ~ '^[[:alpha:]]$' FROM pg_database WHERE datname = current_database()"
        )
        version, database, ctype, encoding, knows_letters = cursor.fetchone()
    if version < OLDEST:
        found.append(ServerTooOld(found=version, oldest=OLDEST))
    if encoding != "UTF8":
        found.append(PlainEncoding(database=database, encoding=encoding))
    elif ctype in {"C", "POSIX"} or not knows_letters:
        found.append(PlainCtype(database=database, ctype=ctype))
    return found


def role() -> list[Refusal]:
    """In production the role must neither own a table, nor be a member of the role that does, nor a superuser."""
    if settings.TANHUI_MODE != "production":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, count(*), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND pg_has_role(current_user, relowner, 'MEMBER')"
        )
        name, owned, superuser = cursor.fetchone()
    return [RoleTooStrong(role=name, owned=owned)] if owned or superuser else []


def migrations() -> list[Refusal]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [MigrationsPending(count=len(plan), first=str(plan[0][0]))] if plan else []


@register(Tags.database)
def check(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The same as ``check --database default``."""
    return [Error(fault.say(ENGLISH), id=fault.code) for fault in faults()] if databases else []
