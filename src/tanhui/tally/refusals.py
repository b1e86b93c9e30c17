"""Every rule of counting that may say no. Those about one row of many are told by their code, row by row."""

from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "docs/algorithms/settlement.md"
QUALITY = "《上海市碳普惠体系建设工作方案》（沪环气〔2022〕211号）第 4 项"


class NoLake(Refusal):
    code = "tally.no_lake"
    sentence = gettext_noop("There is no lake of events in %(folder)s. Create one, or name the right folder.")
    clause = HOUSE
    status = 404


class LakeExists(Refusal):
    code = "tally.lake_exists"
    sentence = gettext_noop("A lake of events with %(buckets)s buckets lies in %(folder)s. Its buckets cannot change.")
    clause = HOUSE


class BucketsWrong(Refusal):
    code = "tally.buckets_wrong"
    sentence = gettext_noop("%(buckets)s buckets were asked for. Take a power of two from 1 to 1024.")
    clause = HOUSE
    status = 422


class TableUnreadable(Refusal):
    code = "tally.table_unreadable"
    sentence = gettext_noop(
        "The table cannot be read (%(problem)s). It may have been cut off on its way: send the whole file again."
    )
    clause = QUALITY
    status = 400


class ColumnMissing(Refusal):
    code = "tally.column_missing"
    sentence = gettext_noop("The table has no column %(missing)s. Send every column the description asks for.")
    clause = QUALITY
    status = 422


class ColumnUnknown(Refusal):
    code = "tally.column_unknown"
    sentence = gettext_noop("The table has a column %(column)s that nobody would read. Known are: %(known)s.")
    clause = QUALITY
    status = 422


class ColumnOfAnotherType(Refusal):
    code = "tally.column_of_another_type"
    sentence = gettext_noop("Column %(column)s holds %(found)s where %(wanted)s is asked for. Correct its type.")
    clause = QUALITY
    status = 422


class RuleWrong(Refusal):
    code = "tally.rule_wrong"
    sentence = gettext_noop("The rule of scenario %(scenario)s says %(key)s = %(value)s. It must be %(wanted)s.")
    clause = HOUSE
    status = 422


class TooManyRows(Refusal):
    code = "tally.too_many_rows"
    sentence = gettext_noop("One bucket of %(day)s holds %(rows)s events, more than %(most)s. Take more buckets.")
    clause = HOUSE
    status = 507


class NotSettled(Refusal):
    code = "tally.not_settled"
    sentence = gettext_noop("%(day)s has no settlement %(number)s that was finished. Settle the day first.")
    clause = HOUSE


class AnotherSettlement(Refusal):
    code = "tally.another_settlement"
    sentence = gettext_noop(
        "Settlement %(number)s of %(day)s was begun by other rules or about other people. Take the next number."
    )
    clause = HOUSE


class WorkerLost(Refusal):
    code = "tally.worker_lost"
    sentence = gettext_noop(
        "A worker ended in the middle of settling %(day)s. Start it again: what is finished stays, and counts once."
    )
    clause = HOUSE
    status = 503


class SchedulerAway(Refusal):
    code = "tally.scheduler_away"
    sentence = gettext_noop("No cluster answers at %(address)s (%(problem)s). Start it, or settle in processes here.")
    clause = HOUSE
    status = 503
