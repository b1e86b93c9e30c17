"""The same function of the same values, here, in a pool, on a cluster."""

import math
import os
import signal
from pathlib import Path

import pytest

from tanhui.nep import execution, refusals, run

# functions another process can import: these tests themselves it cannot
double, refuse, leave = math.exp2, run.read_record, os._exit

# says only that the machine is busy; as an error it would stop a scheduler or nanny in the middle of its start
BUSY = pytest.mark.filterwarnings("ignore:Creating scratch directories:UserWarning")


def work(function, chains, **where):
    return dict(execution.chained(function, chains, **where))


class TestChained:
    @pytest.mark.parametrize("workers", [1, 2])
    def test_answers_every_value(self, workers):
        assert work(double, [[1, 2, 3], [4], [], [5]], workers=workers) == {1: 2, 2: 4, 3: 8, 4: 16, 5: 32}

    @pytest.mark.parametrize("workers", [1, 2])
    def test_keeps_the_order_within_a_chain(self, workers):
        seen = [value for value, _ in execution.chained(double, [[1, 2, 3], [10, 20, 30]], workers=workers)]
        assert [one for one in seen if one < 10] == [1, 2, 3]
        assert [one for one in seen if one >= 10] == [10, 20, 30]

    @pytest.mark.parametrize("workers", [1, 2])
    def test_brings_a_refusal_back_whole(self, workers):
        answers = work(refuse, [[Path("/nowhere/seven")], [Path("/nowhere/eight")]], workers=workers)
        refusal = answers[Path("/nowhere/seven")].refusal
        assert isinstance(refusal, refusals.NotARun)
        assert refusal.facts == {"folder": "seven"}

    def test_says_what_was_under_way_when_a_worker_ends(self):
        with pytest.raises(execution.WorkerLost):
            work(leave, [[1], [2]], workers=2)

    def test_begins_no_more_than_is_listened_to(self):
        listening = execution.chained(double, [[number] for number in range(100)], workers=1)
        assert next(listening) == (0, 1)
        listening.close()

    def test_refuses_a_cluster_that_is_not_there(self, monkeypatch):
        monkeypatch.setattr(execution, "CONNECTED", 0.2)
        with pytest.raises(refusals.SchedulerAway, match="127"):
            work(double, [[1]], scheduler="tcp://127.0.0.1:9")

    @BUSY
    def test_refuses_a_cluster_without_workers(self, monkeypatch):
        monkeypatch.setattr(execution, "CONNECTED", 2.0)
        with execution.local_cluster(0) as cluster, pytest.raises(refusals.SchedulerAway, match="worker"):
            work(double, [[1]], scheduler=cluster.scheduler_address)

    @BUSY
    @pytest.mark.slow
    def test_does_again_elsewhere_what_a_lost_worker_of_a_cluster_had(self):
        from distributed import Client

        with execution.local_cluster(2) as cluster:
            with Client(cluster) as client:
                settings = client.submit(os.environ.copy).result()
            assert settings.items() >= execution.SINGLE.items()
            chains = [[number, number + 100] for number in range(20)]
            listening = execution.chained(double, chains, scheduler=cluster.scheduler_address)
            answers = dict([next(listening)])
            os.kill(next(iter(cluster.workers.values())).process.pid, signal.SIGKILL)
            answers.update(listening)
            with Client(cluster) as client:  # closing a cluster that is still replacing a worker waits for nobody knows
                client.wait_for_workers(2, timeout=120)
        assert answers == {number: 2.0**number for chain in chains for number in chain}
