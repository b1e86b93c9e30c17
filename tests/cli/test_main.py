import subprocess
import sys

import pytest

from tanhui.cli import main, say
from tanhui.kernel.refusal import Refusal


class Refused(Refusal):
    code = "test.refused"
    sentence = "%(thing)s is refused."
    clause = "ARCHITECTURE.md §1"


@pytest.fixture(autouse=True)
def language_restored():
    yield
    say.speak("zh")


@pytest.fixture
def refusing(monkeypatch):
    """``tanhui stop`` replaced by a command that refuses."""
    from tanhui.cli import stop

    def refuse(args):
        raise Refused(thing="This")

    monkeypatch.setattr(stop, "run", refuse)


class TestTheCommandLine:
    def test_has_every_command_with_its_purpose(self, capsys):
        with pytest.raises(SystemExit) as ended:
            main.main(["--help"])

        said = capsys.readouterr().out
        assert ended.value.code == 0
        for name in main.names():
            assert f"\n    {name} " in said

    def test_speaks_chinese_unless_asked_otherwise(self, capsys):
        with pytest.raises(SystemExit):
            main.main(["--help"])
        chinese = capsys.readouterr().out
        with pytest.raises(SystemExit):
            main.main(["--lang", "en", "--help"])
        english = capsys.readouterr().out

        assert "提供服务" in chinese
        assert "serve: web" in english

    @pytest.mark.parametrize("words", [["nonsense"], ["serve", "--port", "many"], []])
    def test_exits_2_when_wrongly_asked(self, capsys, words):
        with pytest.raises(SystemExit) as ended:
            main.main(words)

        assert ended.value.code == 2
        assert "--help" in capsys.readouterr().err

    def test_exits_1_with_sentence_code_and_clause_when_refused(self, capsys, refusing):
        assert main.main(["stop"]) == 1
        assert capsys.readouterr().err == "This is refused.\n(test.refused · ARCHITECTURE.md §1)\n"

    def test_says_so_when_a_folder_is_closed_to_us(self, capsys, monkeypatch):
        from tanhui.cli import stop

        def closed(args):
            raise PermissionError(13, "Permission denied", "/srv/var/serve.lock")

        monkeypatch.setattr(stop, "run", closed)

        assert main.main(["--lang", "en", "stop"]) == 1
        assert "/srv/var/serve.lock is closed to this account" in capsys.readouterr().err

    def test_loads_only_the_command_asked_for(self):
        asked = "import sys; from tanhui.cli import main; main.parser('verify'); print(*sorted(sys.modules))"
        loaded = subprocess.run(
            [sys.executable, "-c", asked], capture_output=True, text=True, check=True
        ).stdout.split()

        assert "tanhui.cli.verify" in loaded
        assert not {"django", "numpy", "psycopg", "tanhui.cli.demo"} & set(loaded)

    @pytest.mark.parametrize(
        ("words", "command"),
        [
            (["serve"], "serve"),
            (["--lang", "en", "serve"], "serve"),
            (["--lang=en", "serve", "--port", "1"], "serve"),
            (["--version"], None),
            (["nonsense", "serve"], None),
        ],
    )
    def test_knows_the_command_among_the_words(self, words, command):
        assert main.command_in(words) == command
