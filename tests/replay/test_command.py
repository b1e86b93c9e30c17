"""``tanhui registry replay`` works in a database of its own, and says by its exit code whether the books close."""

import json
import os
import secrets
import subprocess
import sys

import psycopg
import pytest

from . import tables
from .tables import row, surrender


@pytest.fixture
def database(postgres_url):
    """A name nobody else uses; dropped afterwards."""
    name = f"test_replay_{secrets.token_hex(4)}"
    yield name
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def command(postgres_url, tmp_path, database):
    """Runs the command as typed, on the tests' own server."""

    def command(*words, lang="en"):
        given = {name: value for name, value in os.environ.items() if not name.startswith("TANHUI_")}
        given |= {
            "TANHUI_MODE": "demonstration", "TANHUI_DATABASE_URL": postgres_url, "TANHUI_VAR": str(tmp_path / "var"),
            "TANHUI_STATIC": "finders",
        }  # fmt: skip
        typed = [sys.executable, "-m", "tanhui.cli.main", "--lang", lang, "registry", "replay", *map(str, words)]
        return subprocess.run([*typed, "--database", database], env=given, capture_output=True, text=True, check=False)

    return command


class TestReplayingFromTheCommandLine:
    def test_tells_machines_and_can_be_repeated(self, command, tmp_path):
        tables.write(tmp_path, [row(period_1="100")], [surrender()])

        first, second = command(tmp_path, "--json"), command(tmp_path, "--json")

        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        told = json.loads(second.stdout)
        assert told["closed"]
        assert told["audit"]["issued_t"] == 1000
        assert told["facts_in_the_log"] > 0
        assert json.loads(first.stdout) == told

    def test_tells_people_in_chinese_what_differs(self, command, tmp_path):
        tables.write(tmp_path, [row(voluntary="1200")])

        done = command(tmp_path, lang="zh")

        assert done.returncode == 0, done.stderr
        assert "-200" in done.stdout
        assert "每一处差额都有原因" in done.stdout

    def test_fails_where_a_difference_has_no_cause(self, command, tmp_path):
        tables.write(tmp_path, [row(period_1="130")], [surrender()])

        done = command(tmp_path)

        assert done.returncode == 1
        assert "UNEXPLAINED CAFR5001-A" in done.stdout

    def test_refuses_a_folder_without_tables_and_makes_no_database(self, command, tmp_path, postgres_url, database):
        done = command(tmp_path)

        assert done.returncode == 1
        assert "registry.replay_table_missing" in done.stderr
        with psycopg.connect(postgres_url) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        assert found is None

    def test_leaves_alone_a_database_that_no_replay_made(self, command, tmp_path, postgres_url, database):
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database}")
        tables.write(tmp_path, [row()])

        done = command(tmp_path)

        assert done.returncode == 1
        assert "cli.not_a_replay" in done.stderr
