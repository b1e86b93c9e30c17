"""The words that stand for guards where the procedures are published."""

from tanhui.projects import conditions, machine


class TestConditions:
    def test_are_said_of_every_guard_a_procedure_names_and_of_no_other(self):
        tables = [machine.clawback(), *(one.development for one in machine.profiles().values())]
        tables += [one.monitoring for one in machine.profiles().values()]
        assert {guard for one in tables for row in one.table for guard in row.guards} == set(conditions.WORDS)
