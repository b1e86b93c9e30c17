"""What the environment says: the only place that reads ``TANHUI_*`` for the server, and the secrets made once.

======================  ================================================================================================
TANHUI_MODE             ``production`` (default) or ``demonstration``
TANHUI_VAR              folder for database, secrets, collected files (default: ``var`` in the checkout)
TANHUI_DATABASE_URL     a PostgreSQL of your own for web and worker (default: the embedded one under TANHUI_VAR)
TANHUI_OWNER_URL        the same database as the role that owns the tables, for ``tanhui migrate``
TANHUI_HOSTS            host names the site answers to, comma-separated
TANHUI_ADDRESS          where people reach the site, for QR codes and links on paper (default: the first host)
TANHUI_LOG_ORIGIN       name of the transparency log, fixed with its first entry (default: the first host and ``/log``)
TANHUI_PROXY            ``1`` where a proxy in front speaks HTTPS and sets X-Forwarded-Proto
TANHUI_SECRET_KEY       instead of the one kept in TANHUI_VAR/secrets
TANHUI_SIGNUP           ``closed`` where nobody may sign up by themselves (default: ``open``)
TANHUI_SECOND_FACTOR    ``required`` of whoever signs for an organisation or holds a staff duty (default in production),
                        or ``offered`` (default in a demonstration)
TANHUI_IDLE             minutes without a request after which a session ends (default: 30)
TANHUI_REAUTHENTICATE   minutes after which a signature asks again who signs (default: 15)
TANHUI_PASSWORD_DAYS    days after which a person is reminded to change the password, 0 for never (default: 90)
TANHUI_EMAIL_*          HOST, PORT, USER, PASSWORD, SECURITY (``starttls``, ``tls`` or ``none``), FROM; without HOST
                        letters are kept as files in TANHUI_VAR/mail
TANHUI_SMS              class that hands text messages to a gateway (default: files in TANHUI_VAR/sms)
TANHUI_LOG              ``json`` for one JSON object a line (default: ``line``)
TANHUI_FILES_URL        s3://bucket/prefix?endpoint=ADDRESS&region=NAME (default: a folder under TANHUI_VAR)
TANHUI_CLAMD            the virus scanner: HOST:PORT or the path of a socket (default: none, and papers say so)
TANHUI_METRICS_TOKEN    what a bearer shows to read /metrics (default: only this machine reads it, without a proxy)
TANHUI_OIDC_*           NAME, CLIENT_ID, CLIENT_SECRET, DISCOVERY (address of openid-configuration): a city portal to
                        sign in by
TANHUI_VAULT_ALGORITHM  ``AES-256-GCM`` (default) or ``SM4-GCM``: what the next key that seals particulars is for
TANHUI_VAULT_KEYS       the vault's keys themselves, instead of the file ``vault_keys`` among the secrets
TANHUI_VAULT_PROVIDER   a class of your own that fetches the vault's keys, as a dotted path (``identity.vault_keys``)
TANHUI_OPERATOR_*       NAME, SPONSOR, ICP, POLICE, SITE_CODE, CONTACT shown on every page
TANHUI_MAP_*            LAYERS (tile addresses with {z}, {x}, {y} and your key, separated by blanks, undermost first),
                        APPROVAL (审图号) and SOURCE, printed under every map; without APPROVAL no tile is shown
TANHUI_EXTRA_FONT_DIR   further fonts for papers
======================  ================================================================================================
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tanhui.kernel.refusal import Refusal, gettext_noop

ROOMS = Path(__file__).resolve().parent.parent
CHECKOUT = ROOMS.parent.parent
MODES = ("production", "demonstration")
OPERATOR = ("name", "sponsor", "icp", "police", "site_code", "contact")


class ModeUnknown(Refusal):
    code = "site.mode_unknown"
    sentence = gettext_noop("TANHUI_MODE is “%(mode)s”; it can be production or demonstration.")
    clause = "ARCHITECTURE.md §2"
    status = 503


class ChoiceUnknown(Refusal):
    code = "site.choice_unknown"
    sentence = gettext_noop("%(name)s is “%(given)s”; it can be %(choices)s.")
    clause = "ARCHITECTURE.md §2"
    status = 503


class NumberUnreadable(Refusal):
    code = "site.number_unreadable"
    sentence = gettext_noop("%(name)s is “%(given)s”; write a whole number, zero or more.")
    clause = "ARCHITECTURE.md §2"
    status = 503


class SecretUnwritable(Refusal):
    code = "site.secret_unwritable"
    sentence = gettext_noop(
        "The secret %(path)s can neither be read nor made: %(reason)s. Give the folder to the account that runs this, "
        "or name another one in TANHUI_VAR."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class OwnerUrlMissing(Refusal):
    code = "site.owner_url_missing"
    sentence = gettext_noop(
        "TANHUI_DATABASE_URL names a database of your own, and migrating it takes the role that owns the tables: name "
        "its address in TANHUI_OWNER_URL."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


def mode() -> str:
    asked = os.environ.get("TANHUI_MODE", "production")
    if asked not in MODES:
        raise ModeUnknown(mode=asked)
    return asked


def var() -> Path:
    """The folder of everything that lasts."""
    if named := os.environ.get("TANHUI_VAR"):
        return Path(named).absolute()
    if (CHECKOUT / "pyproject.toml").exists():
        return CHECKOUT / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tanhui"


def words(name: str) -> list[str]:
    """A comma-separated variable."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def text(name: str, default: str = "") -> str:
    """A variable as it is."""
    return os.environ.get(name) or default


def choice(name: str, *choices: str, default: str) -> str:
    """One of a few words. Refuses with ``ChoiceUnknown``."""
    given = os.environ.get(name) or default
    if given not in choices:
        raise ChoiceUnknown(name=name, given=given[:40], choices=", ".join(choices))
    return given


def number(name: str, default: int) -> int:
    """A whole number. Refuses with ``NumberUnreadable``."""
    given = os.environ.get(name) or str(default)
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise NumberUnreadable(name=name, given=given[:40])
    return int(given)


def embedded() -> bool:
    """Whether the embedded PostgreSQL is the database."""
    return not os.environ.get("TANHUI_DATABASE_URL")


def database_url() -> str:
    """The database for web and worker."""
    from tanhui.site import postgres

    return os.environ.get("TANHUI_DATABASE_URL") or postgres.url(var())


def owner_url() -> str:
    """The same database as the role that owns the tables. In a demonstration one role may do for both."""
    from tanhui.site import postgres

    if embedded():
        return postgres.url(var(), role=postgres.OWNER)
    if url := os.environ.get("TANHUI_OWNER_URL"):
        return url
    if mode() == "demonstration":
        return database_url()
    raise OwnerUrlMissing


def address() -> str:
    """Where people reach the site, without a slash at its end."""
    named = os.environ.get("TANHUI_ADDRESS") or next((f"https://{host}" for host in words("TANHUI_HOSTS")), "")
    return named.rstrip("/") or "http://localhost:8000"


def log_origin() -> str:
    return os.environ.get("TANHUI_LOG_ORIGIN") or f"{next(iter(words('TANHUI_HOSTS')), 'tanhui.demonstration')}/log"


def operator() -> dict[str, str]:
    return {name: os.environ.get(f"TANHUI_OPERATOR_{name.upper()}", "") for name in OPERATOR}


def base_map() -> dict[str, Any]:
    """The operator's own tiles beneath every map, and what must be printed with them; see ``tanhui.ui.tiles``."""
    return {
        "layers": os.environ.get("TANHUI_MAP_LAYERS", "").split(),
        "approval": os.environ.get("TANHUI_MAP_APPROVAL", ""),
        "source": os.environ.get("TANHUI_MAP_SOURCE", ""),
    }


def secret(name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(64)) -> str:
    """A secret, of at least 256 bits unless ``make`` makes it: from ``TANHUI_<NAME>``, or made once.

    It is kept for its owner's eyes only (0600).
    """
    if given := os.environ.get(f"TANHUI_{name.upper()}"):
        return given
    path = var() / "secrets" / name
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"{name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(make())
            try:
                os.link(draft, path)  # of two that start at once, the first one's stays
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()
    except OSError as fault:
        raise SecretUnwritable(path=path, reason=fault.strerror) from fault


def letters() -> dict[str, Any]:
    """Django's settings for e-mail: an SMTP server where one is named, else files beside the other things that last."""
    host = os.environ.get("TANHUI_EMAIL_HOST", "")
    security = choice("TANHUI_EMAIL_SECURITY", "starttls", "tls", "none", default="starttls")
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if host else 'filebased'}.EmailBackend",
        "EMAIL_FILE_PATH": var() / "mail",
        "EMAIL_HOST": host,
        "EMAIL_PORT": number("TANHUI_EMAIL_PORT", {"starttls": 587, "tls": 465, "none": 25}[security]),
        "EMAIL_HOST_USER": os.environ.get("TANHUI_EMAIL_USER", ""),
        "EMAIL_HOST_PASSWORD": os.environ.get("TANHUI_EMAIL_PASSWORD", ""),
        "EMAIL_USE_TLS": security == "starttls",
        "EMAIL_USE_SSL": security == "tls",
        "EMAIL_TIMEOUT": 10,  # seconds
        "DEFAULT_FROM_EMAIL": os.environ.get("TANHUI_EMAIL_FROM") or f"no-reply@{urlsplit(address()).hostname}",
    }


def portals() -> list[dict[str, Any]]:
    """City portals people may sign in by, as allauth's OpenID Connect provider takes them."""
    given = {
        name: os.environ.get(f"TANHUI_OIDC_{name}", "") for name in ("NAME", "CLIENT_ID", "CLIENT_SECRET", "DISCOVERY")
    }
    if not given["CLIENT_ID"]:
        return []
    return [portal("portal", given["NAME"] or "OpenID", given["CLIENT_ID"], given["CLIENT_SECRET"], given["DISCOVERY"])]


def portal(key: str, name: Any, client: str, secret: str, discovery: str) -> dict[str, Any]:
    return {
        "provider_id": key,
        "name": name,
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": discovery, "oauth_pkce_enabled": True, "token_auth_method": "client_secret_basic"},
    }


def vault() -> dict[str, str]:
    """What is said about the vault's keys; what is not said has its default there."""
    said = {name: os.environ.get(f"TANHUI_VAULT_{name.upper()}", "") for name in ("algorithm", "provider")}
    return {name: value for name, value in said.items() if value}


def django_database(url: str) -> dict[str, Any]:
    """A libpq URL or connection string as an entry of Django's ``DATABASES``.

    Statements are bound and, from their third use on a connection, prepared on the server: planning them anew each time
    measured a third of an act's cost.
    """
    from psycopg import conninfo

    parts: dict[str, Any] = dict(conninfo.conninfo_to_dict(url))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "tanhui"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 2} | parts,
    }
