import os
import signal
import stat

import psycopg
import pytest

from tanhui.site import accounts, postgres


@pytest.fixture
def superuser(var):
    """A connection as superuser to the cluster, started for it."""
    postgres.start(var)
    url = postgres.url(var, role=postgres.SUPERUSER)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def postmaster(var):
    return postgres.postmaster_of(postgres.cluster(var))


class TestTheEmbeddedServer:
    def test_answers_when_start_returns(self, var):
        url = postgres.start(var)

        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_user::text").fetchone() == (postgres.APP,)

    def test_is_left_alone_when_it_runs(self, var):
        postgres.start(var)
        before = postmaster(var)

        postgres.start(var)

        assert postmaster(var) == before

    def test_keeps_what_was_committed_when_killed(self, var, superuser):
        superuser.execute("CREATE TABLE kept AS SELECT generate_series(1, 500) AS number")
        os.kill(postmaster(var), signal.SIGKILL)

        postgres.start(var)

        with psycopg.connect(postgres.url(var, role=postgres.SUPERUSER)) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (500,)

    def test_is_not_kept_down_by_a_pid_file_that_names_another_process(self, var):
        postgres.start(var)
        postgres.stop(var)
        found = postgres.cluster(var)
        (found.data / "postmaster.pid").write_text(f"{os.getpid()}\n{found.data}\n1\n5432\n{found.socket}\n\n\nready\n")

        postgres.start(var)

        assert postmaster(var) not in (None, os.getpid())

    def test_begins_anew_when_its_making_was_interrupted(self, var):
        found = postgres.cluster(var)
        draft = found.data.with_name("data.new")
        draft.mkdir(parents=True)
        (draft / "PG_VERSION").write_text("18\n")

        postgres.start(var)

        assert postgres.answers(found)
        assert not draft.exists()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("data_checksums", "on"),
            ("listen_addresses", ""),
            ("server_encoding", "UTF8"),
            ("lc_ctype", "C.UTF-8"),
        ],
    )
    def test_is_durable_and_off_the_network(self, superuser, name, value):
        assert superuser.execute(
            "SELECT coalesce(current_setting(%s, true), (SELECT datctype FROM pg_database WHERE datname = 'tanhui'))",
            [name],
        ).fetchone() == (value,)

    def test_lets_nobody_else_at_its_socket(self, var, superuser):
        mode = postgres.cluster(var).socket.stat().st_mode

        assert stat.S_IMODE(mode) == 0o700

    def test_does_not_run_as_root(self, var, superuser):
        owner = os.stat(f"/proc/{postmaster(var)}").st_uid

        assert owner == postgres.cluster(var).account.pw_uid != 0

    @pytest.mark.parametrize("role", [postgres.OWNER, postgres.APP])
    def test_gives_the_product_no_superuser(self, superuser, role):
        rights = superuser.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s", [role]
        ).fetchone()

        assert rights == (False, False, False)

    def test_lets_only_the_owner_make_tables(self, var, superuser):
        with (
            psycopg.connect(postgres.url(var, role=postgres.APP)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE forbidden ()")

    def test_lives_in_a_folder_whose_path_is_too_long_for_a_socket(self, make_var):
        var = make_var(inside="/".join(["a-rather-long-folder-name"] * 6).lstrip("/"))
        url = postgres.start(var)

        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert len(os.fsencode(postgres.cluster(var).socket)) <= postgres.SOCKET_LIMIT

    @pytest.mark.parametrize(
        "name", ["with space", "碳汇", "comma, and more", "o'clock", 'so "called"', "a%20b", "$HOME", "back\\slash"]
    )
    def test_lives_in_a_folder_of_any_name(self, make_var, name):
        with psycopg.connect(postgres.start(make_var(inside=name))) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_lives_below_a_folder_its_account_cannot_enter(self, make_var):
        var = make_var(closed=True)
        url = postgres.start(var)

        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert (var / "postgres" / "data" / "PG_VERSION").exists()

    def test_runs_from_binaries_copied_to_where_its_account_can_read_them(self, var, monkeypatch, tmp_path):
        if os.geteuid():
            pytest.skip("only root runs the server as somebody else")
        monkeypatch.setattr(accounts, "STATE", var.parent / "state")
        monkeypatch.setattr(accounts, "open_to_others", lambda *paths: "binaries" in str(paths) or len(paths) == 1)

        postgres.start(var)

        assert postgres.cluster(var).binaries.is_relative_to(var.parent / "state")
        assert postgres.answers(postgres.cluster(var))

    def test_stops_when_its_last_user_leaves(self, var):
        with postgres.using(var):
            with postgres.using(var):
                pass
            assert postgres.running(var)

        assert not postgres.running(var)

    def test_is_stopped_by_whoever_asks(self, var, superuser):
        assert postgres.stop(var)
        assert not postgres.processes(postgres.cluster(var))
        assert not postgres.stop(var)

    def test_is_refused_to_another_account(self, var, monkeypatch):
        postgres.start(var)
        monkeypatch.setattr(os, "geteuid", lambda: 54321)

        with pytest.raises(accounts.FolderNotOurs):
            postgres.start(var)

        monkeypatch.undo()  # or the folder could not be cleared away

    def test_of_another_version_is_refused(self, var):
        postgres.start(var)
        postgres.stop(var)
        (postgres.cluster(var).data / "PG_VERSION").write_text("14\n")

        with pytest.raises(postgres.PostgresOtherVersion) as refused:
            postgres.start(var)

        assert refused.value.facts["found"] == "14"

    def test_that_cannot_start_says_why(self, var):
        postgres.start(var)
        postgres.stop(var)
        (postgres.cluster(var).data / "global" / "pg_control").unlink()

        with pytest.raises(postgres.PostgresNotStarted, match="pg_control"):
            postgres.start(var)
