"""The register's acts against the bare ledger limits L1 and L2: ``python bench/ledger.py [--json] [--quick]``.

L1 is one durable double-entry transfer as a single function call driven by pgbench at 8 clients, L2 the same a hundred
at a time (``limits.sql``). Ours does all that, and moves numbered units under an exclusion constraint, writes the fact
into the journal and its outbox, and checks two people's mandates.
"""

import argparse
import random
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    import _world as worlds

import _base as base

POSTINGS = 1_000_000
ONE = """\\set s random(1, 400)
\\set d 1 + (:s + random(0, 398)) % 400
SELECT limit_one(gen_random_uuid()::text, :s, :d, 1);
"""
HUNDRED = """SELECT limit_hundred(gen_random_uuid()::text,
 ARRAY(SELECT 1 + (random() * 199)::int FROM generate_series(1, 100)),
 ARRAY(SELECT 201 + (random() * 199)::int FROM generate_series(1, 100)), 1);
"""
GROW = """DO $$
DECLARE
    places bigint[] := '{places}';
    n integer := cardinality(places);
    s integer;
BEGIN
    FOR i IN 1 .. {times} LOOP
        s := 1 + (random() * (n - 1))::int;
        PERFORM ledger_post(gen_random_uuid()::text, 'bench', now(), ARRAY[places[s]], ARRAY[places[1 + s % n]],
                            ARRAY[{asset}::bigint], ARRAY[1::bigint], ARRAY[NULL::int8range]);
        IF i % 1000 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END $$"""
Work = Callable[[int, float], list[float]]


def repeated(act: Callable[[random.Random], object]) -> Work:
    """A client that does an act until the time is up."""

    def work(client: int, until: float) -> list[float]:
        dice, took = random.Random(client), []
        while (begun := time.monotonic()) < until:
            act(dice)
            took.append(time.monotonic() - begun)
        return took

    return work


def acts(world: "worlds.World") -> dict[str, Callable[[random.Random], object]]:
    from tanhui.registry.acts import retirement, settlement, transfer
    from tanhui.registry.acts.lines import Wanted
    from tanhui.registry.models import Retirement

    one, count = Wanted(world.batch, 1), len(world.places)
    good = retirement.Beneficiary(Retirement.Beneficiary.EVENT, "基准活动")

    def two(dice: random.Random) -> tuple[int, int]:
        source = dice.randrange(count)
        return source, (source + 1 + dice.randrange(count - 1)) % count

    def move(dice: random.Random) -> None:
        source, target = two(dice)
        transfer.transfer(
            source=world.places[source], target=world.places[target], wanted=[one], reference=uuid.uuid4().hex,
            signatures=world.signatures[source], at=datetime.now(UTC),
        )  # fmt: skip

    def retiring(purposes: Sequence[str]) -> Callable[[random.Random], None]:
        def retire(dice: random.Random) -> None:
            source = dice.randrange(count)
            retirement.retire(
                source=world.places[source], wanted=[one], purpose=dice.choice(purposes), beneficiary=good,
                reference=uuid.uuid4().hex, signatures=world.signatures[source], at=datetime.now(UTC),
            )  # fmt: skip

        return retire

    def settle(dice: random.Random) -> None:
        pairs = [two(dice) for _ in range(100)]
        settlement.settle(
            trades=[settlement.Trade(world.places[s], world.places[t], one) for s, t in pairs],
            reference=uuid.uuid4().hex, signatures=world.exchange, at=datetime.now(UTC),
        )  # fmt: skip

    purposes = Retirement.Purpose.values
    found = {"transfer": move, "retire hot": retiring(purposes[:1]), "retire": retiring(purposes), "settle": settle}
    for act in found.values():
        act(random.Random(0))  # fonts read and boundary accounts made before anybody is timed
    return found


def rates(measure: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The median rate of each, taken turn about."""
    taken: dict[str, list[float]] = {name: [] for name in measure}
    for _ in range(base.ROUNDS):
        for name, one in measure.items():
            taken[name].append(one())
    return {name: base.median(values) for name, values in taken.items()}


def grow(world: "worlds.World", postings: int) -> None:
    """Fill the ledger with history through the posting function itself."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_posting")
        missing = postings - cursor.fetchone()[0]
    places = "{" + ",".join(str(place.ledger_account_id) for place in world.places) + "}"
    with psycopg.connect(base.owner_url(), autocommit=True) as link:
        link.execute("SET synchronous_commit = off")
        link.execute(GROW.format(places=places, times=max(0, missing // 2), asset=world.batch.pk))
        link.execute("VACUUM ANALYZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a tenth of the history")
    args = parser.parse_args()
    postings = POSTINGS // 10 if args.quick else POSTINGS
    with base.server():
        with psycopg.connect(base.owner_url(), autocommit=True) as link:
            link.execute((base.ROOT / "bench" / "limits.sql").read_text())
        import _world as worlds  # its models need Django, which the server has just set up

        world = worlds.make(base.ACCOUNTS)
        ours = acts(world)
        measure: dict[str, Callable[[], float]] = {
            "L1": lambda: base.pgbench(ONE),
            "transfer": lambda: base.together(repeated(ours["transfer"]))[0],
            "retire": lambda: base.together(repeated(ours["retire"]))[0],
            "retire hot": lambda: base.together(repeated(ours["retire hot"]))[0],
            "L2": lambda: 100 * base.pgbench(HUNDRED),
            "settle": lambda: 100 * base.together(repeated(ours["settle"]))[0],
        }
        young = rates(measure)
        grow(world, postings)
        old = rates({name: measure[name] for name in ("L1", "transfer")})
    aged = (old["transfer"] / old["L1"]) / (young["transfer"] / young["L1"])
    return base.tell(
        [
            base.Line("transfer by 8 clients in Python against L1", young["transfer"], "/s", young["L1"], 0.25),
            base.Line("100 transfers settled in one act against L2", young["settle"], "/s", young["L2"], 0.25),
            base.Line(f"transfer at {postings:,} postings against L1", old["transfer"], "/s", old["L1"], 0.25),
            base.Line("the same, as a share of the young ledger's ratio", aged, "", 1.0, 0.8),
            base.Line(
                "retire into one boundary account against seven", young["retire hot"], "/s", young["retire"], 0.8
            ),
        ],
        as_json=args.json,
    )


if __name__ == "__main__":
    sys.exit(main())
