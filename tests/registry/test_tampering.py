"""A row altered by somebody with all power over the database shows in the self-audit, and in the verifier (T8)."""

import datetime as dt
import json

import pytest
from django.db import connection
from tests import world

from tanhui.journal import queries, sequencer
from tanhui.kernel.refusal import Refusal
from tanhui.registry import audit
from tanhui.registry.acts import account, clawback, desk, foreign, restriction, reversal, settlement
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import Retirement
from tanhui.tlog import bundle, fsck, tiles

ALTERED = {
    "registry_transfer": ["quantity_t", "source_id", "target_id", "reason", "at", "entry", "movement_id",
                          "confirmer_id", "reference"],
    "registry_settlement": ["quantity_t", "trades", "at", "movement_id"],
    "registry_retirement": ["quantity_t", "certificate", "purpose", "beneficiary_name", "beneficiary_kind",
                            "beneficiary_code", "statement", "at", "source_id", "movement_id", "confirmer_id"],
    "registry_cancellation": ["quantity_t", "kind", "reason", "document_sha256", "at", "source_id"],
    "registry_issuance": ["quantity_t", "buffer_t", "at", "movement_id"],
    "registry_batch": ["quantity_t", "vintage", "serials"],
    "registry_restriction": ["quantity_t", "kind", "document", "document_sha256", "authority_id", "account_id"],
    "registry_lifting": ["reason", "at"],
    "registry_clawback": ["quantity_t", "deadline_date", "document", "authority_id"],
    "registry_reversal": ["quantity_t", "paid_t", "cause", "intentional", "at"],
    "registry_foreignimport": ["quantity_t", "foreign_serials", "proof", "at"],
    "registry_period": ["verified_kg", "verifier_id", "report_sha256", "inputs_sha256", "trace_sha256"],
    "registry_project": ["name", "owner_id", "methodology", "crediting", "validator_id"],
    "registry_account": ["code"],
    "ledger_posting": ["quantity", "serials", "account_id", "asset_id", "balance", "at"],
    "ledger_movement": ["kind", "at", "reference"],
    "ledger_holding": ["quantity", "encumbered", "account_id", "asset_id"],
    "ledger_block": ["first", "serials", "account_id", "asset_id", "free", "reservation_id", "locks"],
    "ledger_reservation": ["account_id", "expires_at"],
    "ledger_reservationline": ["quantity", "serials", "asset_id"],
    "ledger_resolution": ["kind"],
    "ledger_lockline": ["serials", "account_id", "asset_id"],
    "journal_entry": ["leaf", "private", "kind", "at"],
    "journal_leaf": ["sha256", "index"],
    "journal_checkpoint": ["root"],
}  # fmt: skip
CHANGED = {
    "bigint": "{0} + 1", "integer": "{0} + 1", "smallint": "{0} + 1", "boolean": "NOT {0}", "date": "{0} + 1",
    "character varying": "'x' || substr({0}, 2)", "timestamp with time zone": "{0} + interval '1 second'",
    "bytea": "set_byte({0}, 0, get_byte({0}, 0) # 1)", "ARRAY": "'{{77}}'",
    "jsonb": """'{{"salt": "0", "private": {{}}}}'::jsonb""",
    "int8range": "int8range(lower({0}), upper({0}) + 1)", "daterange": "daterange(lower({0}), upper({0}) + 1)",
}  # fmt: skip


@pytest.fixture
def busy(db, settings, tmp_path):
    """A register in which everything has happened once, with its log."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    here = world.build()
    by = {"signatures": here.operator.signatures, "at": here.at}
    authority = world.organisation("AUTH")
    here.another_batch(100, buffer_t=30)
    here.transfer(100, target=here.owner.place("EXCHANGE"))
    here.transfer(10, reason="协议转让")
    here.retire(5, statement="无")
    desk.confirm(instruction=here.initiate(5), mandate=here.owner.confirmer, at=here.at)
    trade = settlement.Trade(here.owner.place("EXCHANGE"), here.buyer.place("EXCHANGE"), Wanted(here.batch, 50))
    exchange = world.party("EXC")
    settlement.settle(trades=[trade], reference="day", signatures=exchange.signatures, at=here.at)
    reversal.reverse(
        project=here.project, quantity_t=50, cause="火灾", intentional=False, buffer=here.operator.account,
        reference="reversal", **by,
    )  # fmt: skip
    foreign.bring_in(
        registry="CARB", series="A", foreign_serials=world.Range(1, 10), project=here.project, span=world.OF_2023,
        vintage=2023, target=here.buyer.holding, proof="回执", reference="import", **by,
    )  # fmt: skip
    here.initiate(7)
    units = {"authority": authority, "document": "文书", "document_sha256": world.HASH, "until_at": None}
    lifted = restriction.place(
        kind="PLEDGE", account=here.buyer.account, units=restriction.everything(here.buyer.account), reference="p",
        **units, **by,
    )  # fmt: skip
    restriction.lift(restriction=lifted, authority=authority, reason="已清偿", reference="l", **by)
    clawback.order(
        project=here.project, quantity_t=3, deadline_date=dt.date(2026, 7, 1), authority=authority, document="决定",
        document_sha256=world.HASH, reference="c", **by,
    )  # fmt: skip
    account.set_state(account=here.buyer.account, state="RESTRICTED", reason="x", **by)
    sequencer.sequence(at=here.at)
    return here


def change(table, column):
    """Alter one stored value, as only somebody with all power over the database could."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            [table, column],
        )
        changed = CHANGED[cursor.fetchone()[0]].format(f'"{column}"')
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'u', 'x')", [table]
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        which = "min" if table == "registry_batch" else "max"  # the last batch came from another registry
        where = "quantity > 0" if table == "ledger_holding" else "TRUE"
        cursor.execute(
            f'UPDATE "{table}" SET "{column}" = {changed} WHERE ctid ='
            f' (SELECT {which}(ctid) FROM "{table}" WHERE "{column}" IS NOT NULL AND {where})'
        )
        assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = origin")


class TestTheSelfAudit:
    def test_finds_nothing_when_nothing_was_altered(self, busy):
        assert audit.audit().findings == []

    @pytest.mark.parametrize(
        ("table", "column"), [(table, one) for table, columns in ALTERED.items() for one in columns]
    )
    def test_finds_an_altered_value(self, busy, table, column):
        change(table, column)

        assert audit.audit().findings

    @pytest.mark.parametrize(
        "table", ["ledger_posting", "ledger_block", "ledger_holding", "journal_entry", "journal_leaf"]
    )
    def test_finds_a_row_that_is_gone(self, busy, table):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            where = "quantity > 0" if table == "ledger_holding" else "TRUE"
            cursor.execute(f"DELETE FROM {table} WHERE ctid = (SELECT max(ctid) FROM {table} WHERE {where})")
            cursor.execute("SET LOCAL session_replication_role = origin")

        assert audit.audit().findings


class TestTheVerifier:
    def test_refuses_a_fact_altered_in_the_database(self, busy):
        entry = Retirement.objects.get().entry
        assert bundle.verify(queries.prove(entry))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            leaf = queries.fact(entry) | {"kind": "registry.transferred"}
            cursor.execute("UPDATE journal_entry SET leaf = %s WHERE id = %s", [json.dumps(leaf).encode(), entry])

        with pytest.raises(Refusal) as met:
            bundle.verify(queries.prove(entry))
        assert met.value.code.startswith("tlog.")

    def test_refuses_a_certificate_altered_on_the_way(self, busy):
        made = queries.prove(Retirement.objects.get().entry)
        altered = json.loads(bundle.dumps(made).decode().replace("城市马拉松", "乡村马拉松"))
        assert altered != made

        with pytest.raises(bundle.LeafAltered):
            bundle.verify(altered)

    def test_refuses_a_log_with_one_byte_changed(self, busy, tmp_path):
        file = next(path for path in sorted((tmp_path / "log").rglob("*")) if path.is_file() and "entries" in str(path))
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)

        with pytest.raises(Refusal):
            fsck.fsck(tiles.DirectoryReader(tmp_path / "log"), [world_key()])


def world_key():
    from tanhui.journal import log

    return log.signer().verifier
