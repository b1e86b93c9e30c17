"""Whom the embedded PostgreSQL runs as, and what that account may reach.

PostgreSQL refuses to run as root. A user runs it as himself; root runs it as a system account that can do nothing else.
"""

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

from tanhui.kernel.refusal import Refusal, gettext_noop

ACCOUNT = "tanhui"
STATE = Path("/var/lib/tanhui")  # for clusters and binaries that account could not reach in the checkout


class FolderNotOurs(Refusal):
    code = "site.folder_not_ours"
    sentence = gettext_noop(
        "The folder %(folder)s belongs to the account %(owner)s. Run this as %(owner)s or as root, or name "
        "another folder in TANHUI_VAR."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class AccountMissing(Refusal):
    code = "site.account_missing"
    sentence = gettext_noop(
        "PostgreSQL does not run as root, and the system account %(account)s could not be made: %(reason)s. Make it "
        "(useradd --system %(account)s), or run this as an ordinary user."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


class UserNameless(Refusal):
    code = "site.user_nameless"
    sentence = gettext_noop(
        "PostgreSQL runs only for a user with a name, and user id %(number)s has none in /etc/passwd. Add one, or use "
        "a PostgreSQL of your own with TANHUI_DATABASE_URL."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


def of(data: Path) -> pwd.struct_passwd:
    """Whom the server runs as: the cluster's owner, or a user as himself, or for root the account of our own."""
    try:
        owner = data.stat().st_uid
    except OSError:
        owner = os.geteuid()
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam(ACCOUNT)
    except KeyError as fault:
        if owner:
            raise UserNameless(number=owner) from fault
        return new()


def new() -> pwd.struct_passwd:
    words = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(STATE), ACCOUNT]
    try:
        made = subprocess.run(words, capture_output=True, text=True, check=False)
        return pwd.getpwnam(ACCOUNT)
    except (OSError, KeyError) as fault:
        raise AccountMissing(
            account=ACCOUNT, reason=fault if isinstance(fault, OSError) else made.stderr.strip()
        ) from fault


def open_to_others(*paths: Path) -> bool:
    """Whether an account without rights of its own may enter each path and every folder above it."""
    return all(step.stat().st_mode & 0o001 for path in paths for step in (path, *path.parents) if step.exists())


def own(folder: Path, account: pwd.struct_passwd) -> None:
    """A folder only the account may enter. One that somebody else put there first is not used."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != account.pw_uid:
        raise FolderNotOurs(folder=folder, owner=pwd.getpwuid(facts.st_uid).pw_name)
    folder.chmod(0o700)


def environment(account: pwd.struct_passwd) -> dict[str, str]:
    """What the server's processes see: nothing of ours, least of all libpq's variables."""
    return {"PATH": "/usr/bin:/bin", "HOME": account.pw_dir, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def identity(account: pwd.struct_passwd) -> dict[str, Any]:
    """``subprocess`` arguments to become the account; none where we already are."""
    if os.geteuid() == account.pw_uid:
        return {"umask": 0o077}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": (), "umask": 0o077}
