"""Followers read the log in its own order and turn facts into notices; one bad fact never stops the next.

The order is the log's index, given after commit: a follower that has read up to an index has missed nothing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tanhui.journal.models import Checkpoint, Follower, Leaf, SetAside

Handle = Callable[[int, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a follower did this time, and how far behind it still is."""

    read: int
    set_aside: int
    behind: int


def follow(*, name: str, handle: Handle, at: datetime, most: int = 500) -> Progress:
    """Hand the next facts to ``handle(index, leaf)``, each in its own transaction with the follower's position.

    What ``handle`` raises on is set aside with its reason and passed over; ``retry`` hands it over again.
    """
    Follower.objects.get_or_create(name=name)
    read = aside = 0
    while read < most:
        with transaction.atomic():
            position = Follower.objects.select_for_update().get(name=name)
            leaf = Leaf.objects.filter(index__gte=position.next_index).select_related("entry").order_by("index").first()
            if leaf is None:
                break
            try:
                with transaction.atomic():
                    hand_over(leaf, handle)
            except Exception as error:  # whatever it is, the next fact must not wait for it
                SetAside.objects.create(follower=position, index=leaf.index, reason=told(error), at=at)
                aside += 1
            position.next_index = leaf.index + 1
            position.save(update_fields=["next_index"])
        read += 1
    return Progress(read, aside, behind(name))


def retry(*, name: str, handle: Handle, at: datetime) -> Progress:
    """Hand over again what was set aside; what works now is no longer aside."""
    read = aside = 0
    for one in SetAside.objects.filter(follower=name).order_by("index"):
        leaf = Leaf.objects.select_related("entry").get(index=one.index)
        read += 1
        try:
            with transaction.atomic():
                hand_over(leaf, handle)
                one.delete()
        except Exception as error:  # as above
            aside += 1
            SetAside.objects.filter(pk=one.pk).update(reason=told(error), tries=one.tries + 1, at=at)
    return Progress(read, aside, behind(name))


def hand_over(leaf: Leaf, handle: Handle) -> None:
    """Have a fact handled, and whatever the database checks only at the end of a transaction checked now."""
    handle(leaf.index, json.loads(bytes(leaf.entry.leaf)))
    connection.check_constraints()


def told(error: Exception) -> str:
    """Why a fact was set aside, in characters the database can keep."""
    return f"{type(error).__name__}: {error}".replace("\x00", "␀").encode(errors="replace").decode()


def behind(name: str) -> int:
    """How many facts a follower has yet to read."""
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    read = Follower.objects.filter(name=name).values_list("next_index", flat=True).first() or 0
    return newest - read
