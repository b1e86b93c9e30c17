"""Accounts, what they hold, and every movement between them. Knows nothing about carbon.

Movements, postings, reservations and their resolutions are never changed; holdings and blocks are the present state,
kept in the same transaction by the posting function (``migrations/``) and re-derived by the self-audit. Columns that
every posting touches carry no foreign-key constraint: checking one locks the referenced row, and a whole city would
queue on the row of a boundary account. Accounts and assets cannot be deleted, so the references cannot break; the
self-audit looks all the same.
"""

from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField
from django.db import models
from django.db.models import F, Q

from tanhui.journal.permanence import permanent


class Asset(models.Model):
    """One kind of thing counted in whole units: a batch of credits, a family of points, a currency in fen."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)  # from the sequence, negated for an asset without serials
    code = models.CharField(max_length=80, unique=True)
    unit = models.CharField(max_length=8)
    serialised = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(serialised=True, id__gt=0) | Q(serialised=False, id__lt=0),
                name="an_asset_shows_by_its_sign_whether_it_has_serials",
            ),
        ]
        triggers = [permanent("assets")]

    def __str__(self) -> str:
        return self.code


class Account(models.Model):
    """A place that holds assets. A boundary account is where they enter or leave the world; it keeps no total."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)  # from the sequence, negated for a boundary
    code = models.CharField(max_length=48, unique=True)
    is_boundary = models.BooleanField(default=False)
    owner = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="ledger_accounts")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_boundary=True, id__lt=0) | Q(is_boundary=False, id__gt=0),
                name="an_account_shows_by_its_sign_whether_it_is_a_boundary",
            ),
        ]
        triggers = [permanent("accounts")]

    def __str__(self) -> str:
        return self.code


class Holding(models.Model):
    """What an account holds of an asset now; the part under a reservation or a lock is encumbered."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="holdings")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="holdings")
    quantity = models.BigIntegerField(default=0)
    encumbered = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "asset"], name="one_holding_per_account_and_asset"),
            # one check for both promises, since each is read anew for every statement: 0 ≤ encumbered ≤ quantity
            models.CheckConstraint(
                condition=Q(encumbered__gte=0) & Q(encumbered__lte=F("quantity")),
                name="a_holding_is_never_negative",
            ),
        ]

    @property
    def available(self) -> int:
        return self.quantity - self.encumbered


class Block(models.Model):
    """A contiguous run of serial numbers and where it is now. No two blocks overlap, retired ones included."""

    first = models.BigIntegerField(primary_key=True)
    serials = BigIntegerRangeField()
    asset = models.ForeignKey(Asset, models.PROTECT, db_constraint=False, db_index=False, related_name="blocks")
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="blocks")
    free = models.BooleanField()  # neither reserved nor locked
    reservation = models.ForeignKey("Reservation", models.PROTECT, null=True, db_constraint=False)
    locks = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        # the exclusion constraint ``serials_never_overlap`` is made in ``0002_posting``
        indexes = [models.Index(fields=["account", "asset", "free", "first"], name="blocks_by_place")]


class Movement(models.Model):
    """One act's change to the ledger; its reference is given once."""

    append_only = True

    reference = models.CharField(max_length=96)
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        # a constraint, not unique=True, which would bring a second index for patterns nobody searches by
        constraints = [models.UniqueConstraint(fields=["reference"], name="a_reference_names_one_movement")]
        triggers = [permanent("movements")]


class Posting(models.Model):
    """One side of a movement. ``balance`` is the holding after it; a boundary account has none."""

    append_only = True

    pk = models.CompositePrimaryKey("movement_id", "line")
    movement = models.ForeignKey(Movement, models.PROTECT, db_constraint=False, db_index=False, related_name="postings")
    line = models.SmallIntegerField()
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="postings")
    asset = models.ForeignKey(Asset, models.PROTECT, db_constraint=False, db_index=False, related_name="postings")
    quantity = models.BigIntegerField()
    serials = BigIntegerRangeField(null=True)
    balance = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="a_posting_moves_something")]
        indexes = [
            models.Index(fields=["account", "asset", "movement"], name="postings_of_a_holding"),
        ]
        triggers = [permanent("postings")]


class Reservation(models.Model):
    """Units set aside for one use that takes time; resolved exactly once, by posting, voiding or expiring."""

    append_only = True

    reference = models.CharField(max_length=96)
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="a_reference_names_one_reservation"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="a_reservation_expires_after_it_is_made"),
        ]
        triggers = [permanent("reservations")]


class ReservationLine(models.Model):
    """How much of which asset, and for serial-numbered assets exactly which units."""

    append_only = True

    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="lines", db_constraint=False)
    asset = models.ForeignKey(Asset, models.PROTECT, db_constraint=False, db_index=False)
    quantity = models.BigIntegerField()
    serials = BigIntegerRangeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="a_reservation_is_positive")]
        triggers = [permanent("reservation_lines")]


class OpenReservation(models.Model):
    """The reservations not yet resolved, so that the expiry job reads only those that may be due."""

    reservation = models.OneToOneField(Reservation, models.PROTECT, primary_key=True, db_constraint=False)
    expires_at = models.DateTimeField(db_index=True)


class Resolution(models.Model):
    """How a reservation ended; what its movement did not take went back."""

    append_only = True

    class Kind(models.TextChoices):
        POSTED = "POSTED"
        VOIDED = "VOIDED"
        EXPIRED = "EXPIRED"

    reservation = models.OneToOneField(Reservation, models.PROTECT, primary_key=True, db_constraint=False)
    kind = models.CharField(max_length=8, choices=Kind)
    movement = models.ForeignKey(Movement, models.PROTECT, null=True, db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("resolutions")]


class Lock(models.Model):
    """A restriction on exactly these units, with its rank: a lock may be lifted only when none above it stands."""

    append_only = True

    reference = models.CharField(max_length=96, unique=True)
    rank = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("locks")]


class LockLine(models.Model):
    """Exactly which units a lock was put on."""

    append_only = True

    lock = models.ForeignKey(Lock, models.PROTECT, related_name="lines", db_constraint=False)
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False)
    asset = models.ForeignKey(Asset, models.PROTECT, db_constraint=False, db_index=False)
    serials = BigIntegerRangeField()

    class Meta:
        triggers = [permanent("lock_lines")]


class Lift(models.Model):
    """The end of a lock."""

    append_only = True

    lock = models.OneToOneField(Lock, models.PROTECT, primary_key=True, db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("lifts")]


class SerialCounter(models.Model):
    """The one sequence every batch takes its contiguous range from; a row, because a sequence cannot give ranges."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_serial_counter")]
