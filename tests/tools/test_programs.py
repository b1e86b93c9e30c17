"""The two programs a developer runs: the check of everything, and the one that puts sentences into catalogues."""

from types import SimpleNamespace

import polib

import check
import messages
from lints import catalogues

LEDGER = "src/tanhui/ledger"
BOOK = f"{LEDGER}/locale/zh_Hans/LC_MESSAGES/django.po"


class TestMessages:
    def fill(self, root, room="ledger"):
        return messages.add(root, room, list(catalogues.wanted_by_room(root)[room].values()))

    def test_puts_a_new_sentence_into_a_new_catalogue(self, checkout):
        root = checkout({f"{LEDGER}/models.py": "_('Held %(n)s')\nngettext('a unit', '%(n)s units', 2)"})

        assert self.fill(root) == 2
        book = polib.pofile(str(root / BOOK))
        assert [(entry.msgid, entry.translated()) for entry in book] == [("Held %(n)s", False), ("a unit", False)]
        assert "python-format" in book[0].flags

    def test_leaves_what_is_there_exactly_as_it_is(self, checkout):
        before = messages.HEADER + '\n# said at the counter\nmsgid "Held"\nmsgstr "持有"\n'
        root = checkout({f"{LEDGER}/models.py": "_('Held')\n_('Lost')", BOOK: before})

        assert self.fill(root) == 1
        after = (root / BOOK).read_text(encoding="utf-8")
        assert after.startswith(before)
        assert 'msgid "Lost"\nmsgstr ""' in after

    def test_adds_nothing_twice(self, checkout):
        root = checkout({f"{LEDGER}/models.py": "_('Held')"})
        self.fill(root)

        assert self.fill(root) == 0

    def test_takes_out_what_nobody_says(self, checkout):
        book = messages.HEADER + '\nmsgid "Held"\nmsgstr "持有"\n\nmsgid "Lost"\nmsgstr "失"\n'
        root = checkout({BOOK: book})

        assert messages.prune(root, "ledger", {(None, "Held")}) == 1
        assert [entry.msgid for entry in polib.pofile(str(root / BOOK))] == ["Held"]


class TestCheck:
    def run(self, monkeypatch, *names, **checks):
        monkeypatch.setattr(check, "CHECKS", checks)
        monkeypatch.setattr(check, "show_changes", lambda: None)  # what it tells is no check
        monkeypatch.setattr("sys.argv", ["check.py", *names])
        return check.main()

    def test_is_content_when_every_check_is(self, monkeypatch, capsys):
        assert self.run(monkeypatch, form=list, words=list) == 0
        assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["ok", "ok"]

    def test_runs_the_rest_when_one_fails_or_breaks(self, monkeypatch, capsys):
        def breaks():
            raise OSError("no disk")

        assert self.run(monkeypatch, form=lambda: ["a.py:1: bad"], breaks=breaks, words=list) == 1
        said = capsys.readouterr().out
        assert "a.py:1: bad" in said
        assert "OSError: no disk" in said
        assert "words" in said
        assert said.endswith("2 failed: form, breaks\n")

    def test_runs_only_what_is_asked_for(self, monkeypatch):
        assert self.run(monkeypatch, "words", form=lambda: ["bad"], words=list) == 0

    def test_fails_with_the_words_of_a_program_that_fails(self, monkeypatch):
        failed = SimpleNamespace(returncode=2, stdout="line\n")
        monkeypatch.setattr(check.subprocess, "run", lambda *_args, **_options: failed)

        assert check.tool("ruff check .")() == ["line"]

    def test_has_a_lint_behind_every_house_rule(self):
        for name in check.HOUSE.values():
            assert callable(check.importlib.import_module(f"lints.{name}").faults)
