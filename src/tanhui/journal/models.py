"""Facts, their place in the transparency log, and the checkpoints signed over them."""

from django.conf import settings
from django.db import models

from tanhui.journal.permanence import permanent


class Entry(models.Model):
    """One fact, written inside the transaction of the act that made it. ``leaf`` is what the log hashes."""

    append_only = True

    kind = models.CharField(max_length=48)
    leaf = models.BinaryField()  # canonical JSON, kept as the very bytes that were hashed
    private = models.JSONField(null=True)  # the opening of the leaf's commitment, never published
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("facts")]


class Pending(models.Model):
    """Facts not yet in the log: the outbox that lets the sequencer number facts in an order that commits respect."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, db_constraint=False, related_name="pending")


class Leaf(models.Model):
    """A fact's place in the log, given once."""

    append_only = True

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, db_constraint=False, related_name="place")
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        triggers = [permanent("places")]


class Checkpoint(models.Model):
    """A signed statement of the log's size and root."""

    append_only = True

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    frontier = models.JSONField()  # the compact range, so that the next batch costs only its own hashes
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("checkpoints")]


class Follower(models.Model):
    """How far a follower has read. A fact it cannot digest is set aside, never in the way of the next."""

    name = models.CharField(max_length=48, primary_key=True)
    next_index = models.BigIntegerField(default=0)


class SetAside(models.Model):
    """A fact one follower could not digest, with the reason, until someone looks."""

    follower = models.ForeignKey(Follower, models.PROTECT, related_name="set_aside")
    index = models.BigIntegerField()
    reason = models.TextField()
    tries = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follower", "index"], name="a_fact_is_set_aside_once")]
