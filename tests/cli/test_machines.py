"""What other programs get from the command line: JSON, exit codes, completion."""

import contextlib
import json
import shutil
import subprocess

import pytest

from tanhui.cli import check, main, notices
from tanhui.kernel.refusal import Refusal


class Away(Refusal):
    code = "test.away"
    sentence = "%(what)s is away."
    clause = "ARCHITECTURE.md §2"


class TestCheck:
    @pytest.mark.parametrize(("faults", "code"), [([], 0), ([Away(what="All")], 1)])
    def test_answers_in_json(self, monkeypatch, capsys, faults, code):
        from tanhui.site import startup

        monkeypatch.setattr(check.house, "opened", lambda: contextlib.nullcontext())
        monkeypatch.setattr(startup, "faults", lambda: faults)

        assert main.main(["check", "--json"]) == code

        said = json.loads(capsys.readouterr().out)
        assert said["ready"] is not bool(faults)
        assert [one["code"] for one in said["faults"]] == [one.code for one in faults]


class TestARefusal:
    def test_is_json_where_json_was_asked_for(self, monkeypatch, capsys):
        def refuse(args):
            raise Away(what="All")

        monkeypatch.setattr(check, "run", refuse)

        assert main.main(["check", "--json"]) == 1

        said = json.loads(capsys.readouterr().out)
        assert (said["ok"], said["code"], said["facts"]) == (False, "test.away", {"what": "All"})


@pytest.mark.django_db
class TestNotices:
    @pytest.fixture(autouse=True)
    def at_home(self, monkeypatch):
        monkeypatch.setattr(notices.house, "opened", lambda: contextlib.nullcontext())

    def test_say_what_waits(self, capsys):
        assert main.main(["notices", "status", "--json"]) == 0

        said = json.loads(capsys.readouterr().out)
        assert (said["letters"], said["todo"], said["set_aside"]) == (0, 0, 0)

    def test_say_it_to_people_too(self, capsys):
        assert main.main(["notices", "status"]) == 0

        assert "待发信件：0" in capsys.readouterr().out

    def test_try_again_what_could_not_be_told(self, capsys):
        assert main.main(["notices", "retry", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"read": 0, "set_aside": 0}


class TestCompletion:
    @pytest.mark.parametrize("shell", ["bash", "zsh"])
    def test_knows_every_command_and_the_shell_understands_it(self, capsys, shell, tmp_path):
        assert main.main(["completion", shell]) == 0

        script = capsys.readouterr().out
        for name in main.names():
            assert name in script
        assert "--port" in script
        if shutil.which(shell):
            file = tmp_path / "completion"
            file.write_text(script)
            subprocess.run([shell, "-n", str(file)], check=True)

    def test_completes_a_verb(self, capsys, tmp_path):
        main.main(["completion", "bash"])
        file = tmp_path / "completion"
        ask = "\nCOMP_WORDS=(tanhui noti); COMP_CWORD=1; _shtab_tanhui tanhui noti; echo ${COMPREPLY[@]}\n"
        file.write_text(capsys.readouterr().out + ask)

        assert subprocess.run(["bash", str(file)], capture_output=True, text=True).stdout.split() == ["notices"]

    def test_of_an_unknown_shell_is_wrongly_asked(self, capsys):
        with pytest.raises(SystemExit) as ended:
            main.main(["completion", "fish"])

        assert ended.value.code == 2
