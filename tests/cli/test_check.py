import secrets

import psycopg
import pytest
from psycopg import conninfo


@pytest.fixture
def plain_database(postgres_url):
    """The URL of a database whose LC_CTYPE is C."""
    name = f"test_plain_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'")
        yield conninfo.make_conninfo(postgres_url, dbname=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class TestCheck:
    def test_refuses_a_database_whose_lc_ctype_is_c(self, tanhui, plain_database):
        checked = tanhui("--lang", "en", "check", TANHUI_DATABASE_URL=plain_database)

        assert checked.returncode == 1
        assert "site.plain_ctype" in checked.stderr
        assert "LC_CTYPE 'C.UTF-8'" in checked.stderr

    def test_names_every_thing_in_the_way_in_chinese(self, tanhui, postgres_url):
        checked = tanhui("check", TANHUI_DATABASE_URL=postgres_url, TANHUI_MODE="production")

        assert checked.returncode == 1
        assert "TANHUI_HOSTS" in checked.stderr
        assert "超级用户" in checked.stderr
        assert "项迁移尚未执行" in checked.stderr

    def test_says_when_no_database_answers(self, tanhui, tmp_path):
        checked = tanhui("--lang", "en", "check", TANHUI_DATABASE_URL=f"postgresql://web@/tanhui?host={tmp_path}")

        assert checked.returncode == 1
        assert "site.database_unreachable" in checked.stderr

    def test_passes_in_production_once_migrated(self, tanhui):
        production = {"TANHUI_MODE": "production", "TANHUI_HOSTS": "registry.example"}

        assert tanhui("migrate", **production).returncode == 0
        checked = tanhui("--lang", "en", "check", **production)

        assert (checked.returncode, checked.stderr) == (0, "")
        assert "in order" in checked.stdout
