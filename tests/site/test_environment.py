import stat

import pytest

from tanhui.site import environment


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No variable set but the folder."""
    for name in (
        "TANHUI_MODE",
        "TANHUI_DATABASE_URL",
        "TANHUI_OWNER_URL",
        "TANHUI_HOSTS",
        "TANHUI_ADDRESS",
        "TANHUI_SECRET_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TANHUI_VAR", str(tmp_path / "var"))


class TestABareServer:
    def test_is_in_production_mode(self):
        assert environment.mode() == "production"

    def test_uses_the_embedded_database(self, tmp_path):
        assert environment.embedded()
        assert environment.database_url().startswith("postgresql://tanhui_app@/tanhui?host=")

    def test_migrates_as_the_owner(self):
        assert environment.owner_url().startswith("postgresql://tanhui_owner@/")


class TestAMode:
    def test_that_does_not_exist_is_refused(self, monkeypatch):
        monkeypatch.setenv("TANHUI_MODE", "debug")

        with pytest.raises(environment.ModeUnknown):
            environment.mode()


class TestASetting:
    @pytest.mark.parametrize("given", ["-1", "1.5", "ten", "１０", " ", "9" * 10])
    def test_that_is_no_number_is_refused(self, monkeypatch, given):
        monkeypatch.setenv("TANHUI_IDLE", given)

        with pytest.raises(environment.NumberUnreadable):
            environment.number("TANHUI_IDLE", 30)

    def test_that_is_none_of_the_words_is_refused(self, monkeypatch):
        monkeypatch.setenv("TANHUI_SIGNUP", "maybe")

        with pytest.raises(environment.ChoiceUnknown):
            environment.choice("TANHUI_SIGNUP", "open", "closed", default="open")

    def test_that_is_missing_has_its_default(self):
        assert environment.number("TANHUI_IDLE", 30) == 30
        assert environment.choice("TANHUI_SIGNUP", "open", "closed", default="open") == "open"

    def test_of_e_mail_names_a_server_or_a_folder(self, monkeypatch, tmp_path):
        assert environment.letters()["EMAIL_FILE_PATH"] == tmp_path / "var" / "mail"
        monkeypatch.setenv("TANHUI_EMAIL_HOST", "mail.example")

        found = environment.letters()

        assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example", 587, True)

    def test_of_a_portal_makes_one(self, monkeypatch):
        assert environment.portals() == []
        monkeypatch.setenv("TANHUI_OIDC_CLIENT_ID", "us")
        monkeypatch.setenv("TANHUI_OIDC_DISCOVERY", "https://portal.example/.well-known/openid-configuration")

        (found,) = environment.portals()

        assert found["client_id"] == "us"
        assert found["settings"]["oauth_pkce_enabled"]


class TestASecret:
    def test_is_made_once(self):
        assert environment.secret("secret_key") == environment.secret("secret_key")

    def test_is_long_and_of_its_own_for_each_folder(self, monkeypatch, tmp_path):
        first = environment.secret("secret_key")
        monkeypatch.setenv("TANHUI_VAR", str(tmp_path / "other"))

        assert environment.secret("secret_key") != first
        assert len(first) >= 64

    def test_is_for_its_owner_only(self, tmp_path):
        environment.secret("secret_key")

        assert stat.S_IMODE((tmp_path / "var" / "secrets" / "secret_key").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "var" / "secrets").stat().st_mode) == 0o700

    def test_can_be_given(self, monkeypatch, tmp_path):
        monkeypatch.setenv("TANHUI_SECRET_KEY", "given")

        assert environment.secret("secret_key") == "given"
        assert not (tmp_path / "var").exists()

    def test_that_cannot_be_written_is_refused(self, monkeypatch, tmp_path):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("TANHUI_VAR", str(tmp_path / "file" / "var"))

        with pytest.raises(environment.SecretUnwritable):
            environment.secret("secret_key")


class TestADatabaseOfYourOwn:
    def test_needs_the_owner_named_to_migrate_in_production(self, monkeypatch):
        monkeypatch.setenv("TANHUI_DATABASE_URL", "postgresql://web@db/tanhui")

        with pytest.raises(environment.OwnerUrlMissing):
            environment.owner_url()

    def test_may_have_one_role_for_both_in_a_demonstration(self, monkeypatch):
        monkeypatch.setenv("TANHUI_MODE", "demonstration")
        monkeypatch.setenv("TANHUI_DATABASE_URL", "postgresql://web@db/tanhui")

        assert environment.owner_url() == "postgresql://web@db/tanhui"

    def test_is_given_to_django_part_by_part(self):
        given = environment.django_database(
            "postgresql://web:p%40ss@db.example:6432/tanhui?sslmode=verify-full&connect_timeout=5"
        )

        assert given.pop("OPTIONS").items() >= {"sslmode": "verify-full", "connect_timeout": "5"}.items()
        assert given == {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "tanhui",
            "USER": "web",
            "PASSWORD": "p@ss",
            "HOST": "db.example",
            "PORT": "6432",
        }


class TestTheAddress:
    def test_is_that_of_the_first_host(self, monkeypatch):
        monkeypatch.setenv("TANHUI_HOSTS", "registry.example, www.registry.example")

        assert environment.address() == "https://registry.example"
        assert environment.log_origin() == "registry.example/log"

    def test_can_be_named(self, monkeypatch):
        monkeypatch.setenv("TANHUI_ADDRESS", "https://example.org/carbon/")

        assert environment.address() == "https://example.org/carbon"


class TestTheBaseMap:
    def test_is_none_until_the_operator_names_one(self):
        assert environment.base_map() == {"layers": [], "approval": "", "source": ""}

    def test_has_its_layers_and_what_must_be_printed_with_them(self, monkeypatch):
        monkeypatch.setenv("TANHUI_MAP_LAYERS", "https://t.example/vec/{z}/{x}/{y} https://t.example/cva/{z}/{x}/{y}")
        monkeypatch.setenv("TANHUI_MAP_APPROVAL", "GS（2024）0650号")

        assert environment.base_map()["layers"][1] == "https://t.example/cva/{z}/{x}/{y}"
        assert environment.base_map()["approval"] == "GS（2024）0650号"
