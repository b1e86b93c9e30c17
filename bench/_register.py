"""A full register for the benches of the pages: as many projects, blocks and retirements as asked, loaded in bulk.

What people look at in a bench (an owner's account, a certificate) is made through the acts; the mass around it is
written as rows, since a million acts would take an hour and their pages would be no different for it. The rows keep
every constraint of the schema; only the journal says nothing about them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

COUNTIES = ["敖汉旗", "宁城县", "翁牛特旗", "喀喇沁旗", "松山区", "上虞区", "崇明区", "青白江区", "米易县", "旌德县"]
KINDS = ["造林碳汇", "森林经营碳汇", "竹林碳汇", "草地碳汇", "湿地修复", "稻田甲烷减排", "保护性耕作", "沼气利用"]
NOW = datetime(2026, 6, 5, 4, tzinfo=UTC)
DIGEST = "0" * 64
BASE = 1_000_000_000  # ids and serials of the mass begin here


@dataclass(frozen=True, slots=True)
class Known:
    """Rows made through the acts that the mass refers to, by id."""

    owners: list[int]  # organisations with an account
    validator: int
    verifier: int
    person: int
    second: int


def fill(url: str, known: Known, projects: int) -> None:
    """Load ``projects`` projects of 20 t with 10 retirements each; as the tables' owner."""
    with psycopg.connect(url) as link:
        facts = {
            "counties": COUNTIES, "kinds": KINDS, "owners": known.owners, "validator": known.validator,
            "verifier": known.verifier, "person": known.person, "second": known.second, "projects": projects,
            "now": NOW, "digest": DIGEST, "base": BASE,
            "issued": boundary(link, "issued"), "retired": boundary(link, "retired:"),
        }  # fmt: skip
        link.execute("ALTER TABLE ledger_block DROP CONSTRAINT serials_never_overlap")  # made again below, in bulk
        for step in (Path(__file__).parent / "register.sql").read_text().split(";\n"):
            if step.strip():
                link.execute(step, facts)
        link.execute(
            "ALTER TABLE ledger_block ADD CONSTRAINT serials_never_overlap EXCLUDE USING gist (serials WITH &&)"
        )
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("VACUUM ANALYZE")


def boundary(link: "psycopg.Connection[tuple[int]]", start: str) -> int:
    """The id of the first boundary account whose code starts so; the acts made it."""
    found = link.execute(
        "SELECT id FROM ledger_account WHERE is_boundary AND starts_with(code, %s) ORDER BY id DESC LIMIT 1", [start]
    ).fetchone()
    if found is None:
        raise RuntimeError(f"no boundary account {start}")
    return found[0]
