"""The lints that read refusals, catalogues, parameters, templates and pages for people."""

import subprocess
from email.message import Message

import pytest

from lints import addresses, catalogues, commands, licences, parameters, policies, refusals, words

LEDGER = "src/tanhui/ledger"
BOOK = f"{LEDGER}/locale/zh_Hans/LC_MESSAGES/django.po"
ARCHITECTURE = {"ARCHITECTURE.md": "## 6. Invariants\n### 6.1 One transaction\n"}
REFUSAL = """
from tanhui.kernel.refusal import Refusal, gettext_noop

class NotEnough(Refusal):
    code = "ledger.not_enough"
    sentence = gettext_noop("%(held)s t are held. Ask for less.")
    clause = "ARCHITECTURE.md §6.1"
"""


def book(*entries):
    head = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'
    )
    return head + "".join(f'\nmsgid "{msgid}"\nmsgstr "{msgstr}"\n' for msgid, msgstr in entries)


WHOLE = book(("%(held)s t are held. Ask for less.", "持有 %(held)s 吨。请减少数量。"))


class TestRefusals:
    def ask(self, says, code=REFUSAL, chinese=WHOLE):
        return says(refusals, ARCHITECTURE | {f"{LEDGER}/acts/movement.py": code, BOOK: chinese})

    def test_allows_one_that_has_everything(self, says):
        assert self.ask(says) == []

    @pytest.mark.parametrize(
        ("right", "wrong", "complaint"),
        [
            ('code = "ledger.not_enough"', "pass", "needs a code"),
            ('"ledger.not_enough"', '"NotEnough"', "needs a code"),
            ('"ledger.not_enough"', '"registry.not_enough"', "does not begin with its room"),
            ('clause = "ARCHITECTURE.md §6.1"', "", "names no clause"),
            ("§6.1", "§6.12", "has no §6.12"),
            ('gettext_noop("%(held)s t are held. Ask for less.")', '"%(held)s t are held."', "needs sentence"),
            ("Ask for less", "Ask for much less", "has no Chinese"),
        ],
    )
    def test_finds_what_is_missing(self, says, right, wrong, complaint):
        assert any(complaint in said for said in self.ask(says, code=REFUSAL.replace(right, wrong)))

    @pytest.mark.parametrize(
        ("chinese", "complaint"),
        [
            ("Ask for less", "not a whole sentence"),
            ("持有 %(held)s 吨", "not a whole sentence"),
            ("持有不足。", "leaves out or invents a fact"),
        ],
    )
    def test_finds_chinese_that_is_not_whole(self, says, chinese, complaint):
        written = book(("%(held)s t are held. Ask for less.", chinese))

        assert any(complaint in said for said in self.ask(says, chinese=written))

    def test_finds_a_code_given_twice(self, says):
        twin = REFUSAL + REFUSAL.replace("NotEnough", "TooLittle")

        assert self.ask(says, code=twin) == ["TooLittle: the code ledger.not_enough is NotEnough's already"]

    def test_looks_through_a_family_and_a_named_clause(self, says):
        family = REFUSAL.replace('clause = "ARCHITECTURE.md §6.1"', "").replace("(Refusal)", "(Short)")
        named = 'RULE = "ARCHITECTURE.md §6.1"\nclass Short(Refusal):\n    clause = RULE\n'

        assert self.ask(says, code=named + family) == []

    def test_is_not_led_in_circles_by_classes_of_one_name(self, says):
        circle = "class Form(forms.Form): ...\nclass Left(Right): ...\nclass Right(Left): ...\n"

        assert self.ask(says, code=circle + REFUSAL) == []


class TestTranslations:
    TEMPLATE = f"{LEDGER}/templates/ledger/held.html"

    def test_allows_what_is_translated_wherever_it_is_said(self, says):
        files = {
            f"{LEDGER}/models.py": "_('Held')\nngettext('%(n)s unit', '%(n)s units', 2)\npgettext('verb', 'Copy')",
            self.TEMPLATE: "{% load i18n %}\n  <p>{% translate 'Account' %}</p>\n"
            "    {% blocktranslate with owner=account.owner %}of {{ owner }}{% endblocktranslate %}\n",
            BOOK: book(("Held", "持有"), ("Account", "账户"), ("of %(owner)s", "归 %(owner)s"))
            + '\nmsgid "%(n)s unit"\nmsgid_plural "%(n)s units"\nmsgstr[0] "%(n)s 个"\n'
            + '\nmsgctxt "verb"\nmsgid "Copy"\nmsgstr "复制"\n',
        }

        assert says(catalogues, files) == []

    @pytest.mark.parametrize(
        ("place", "text"),
        [
            ("ledger/models.py", "gettext_lazy('Held')"),
            ("ledger/models.py", "gettext_noop(\n    'He'\n    'ld'\n)"),
            ("ledger/templates/ledger/held.html", "{% load i18n %}\n    <b>\n  {% translate 'Held' %}</b>"),
            ("ledger/templates/ledger/held.html", "{% load i18n %}{% blocktranslate %}Held{% endblocktranslate %}"),
            ("cli/serve.py", "say('Held')"),
        ],
    )
    def test_finds_what_has_no_chinese(self, says, place, text):
        (said,) = says(catalogues, {f"src/tanhui/{place}": text})

        assert said.startswith("no Chinese")
        assert said.endswith("'Held'")

    @pytest.mark.parametrize(
        ("entry", "complaint"),
        [
            ('\nmsgid "Held %(n)s"\nmsgstr ""\n', "not translated"),
            ('\n#, fuzzy\nmsgid "Held %(n)s"\nmsgstr "持有 %(n)s"\n', "not translated"),
            ('\nmsgid "Held %(n)s"\nmsgstr "持有 %(m)s"\n', "the places differ"),
            ('\nmsgid "Held %(n)s"\nmsgstr "持有 %(n)s"\n\nmsgid "Lost"\nmsgstr "失"\n', "nobody says this any more"),
        ],
    )
    def test_finds_an_entry_that_is_not_right(self, says, entry, complaint):
        (said,) = says(catalogues, {f"{LEDGER}/models.py": "_('Held %(n)s')", BOOK: book() + entry})

        assert said.startswith(complaint)

    def test_finds_two_rooms_that_say_it_differently(self, says):
        other = BOOK.replace("ledger", "registry")
        files = {f"{LEDGER}/models.py": "_('Held')", "src/tanhui/registry/models.py": "_('Held')"}

        (said,) = says(catalogues, files | {BOOK: book(("Held", "持有")), other: book(("Held", "拥有"))})

        assert said.startswith("said otherwise")


class TestParameters:
    FILE = "src/tanhui/methods/packages/ccer_14_001/v1/parameters/root_shoot.toml"
    TEXT = (
        'label_en = "Ratio"\nlabel_zh = "比"\nsymbol = "R"\n'
        'unit = "1"\nsource = "AR-TOOL14 v4.2"\nevidence = "A"\nreview_by = 2027-01-01\n'
    )

    def test_allows_a_value_and_a_table_that_have_everything(self, says):
        table = self.TEXT + 'key = "species"\n[[value]]\nspecies = "pine"\nvalue = 0.2\nevidence = "P"\n'

        assert says(parameters, {self.FILE: self.TEXT + "value = 0.2\n"}) == []
        assert says(parameters, {self.FILE: table}) == []

    def test_looks_into_families_and_at_several_keys(self, says):
        path = "src/tanhui/methods/families/grid/v1/parameters/factor.toml"
        table = self.TEXT + 'keys = ["area", "year"]\n[[value]]\narea = "north"\nvalue = 0.9\n'

        (said,) = says(parameters, {path: table})

        assert "factor (north) has no year" in said

    @pytest.mark.parametrize(
        ("right", "wrong", "complaint"),
        [
            ('unit = "1"', "", "has no unit"),
            ('"AR-TOOL14 v4.2"', '" "', "has no source"),
            ('"A"', '"good"', "evidence grade 'good'"),
            ("2027-01-01", '"soon"', "no date by which"),
            ("value = 0.2", "", "has no value"),
            ('symbol = "R"', "", "has no symbol"),
            ('label_zh = "比"', "", "has no label_zh"),
            ("AR-TOOL14 v4.2", "recalled, unverified", "that is D"),
            ("value = 0.2", 'value = 0.2\ntier = "mine"', "the tier 'mine'"),
            ("value = 0.2", "value = ", "is not TOML"),
        ],
    )
    def test_finds_what_is_missing(self, says, right, wrong, complaint):
        (said,) = says(parameters, {self.FILE: (self.TEXT + "value = 0.2").replace(right, wrong)})

        assert complaint in said


class TestPagesStayAtHome:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("templates/a.html", '<a href="https://example.org/x">'),
            ("templates/a.html", '<img src="//cdn.example.org/x.png">'),
            ("static/a.css", "a { background: url(//cdn.example.org/x.png) }"),
            ("static/a.js", "fetch('http://example.org')"),
            ("templates/a.html", "<script>alert(1)</script>"),
            ("templates/a.html", "<style>a {}</style>"),
            ("templates/a.html", '<p class="x" style="color: red">'),
            ("templates/a.html", '<p\n  onclick="go()">'),
            ("templates/a.html", '<p hx-on:click="go()">'),
            ("templates/a.html", '<a href="javascript:go()">'),
        ],
    )
    def test_finds_what_leaves_the_origin_or_breaks_the_policy(self, says, name, text):
        assert len(says(addresses, {f"src/tanhui/ui/{name}": text})) == 1

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("templates/a.html", '<script src="{% static "ui/ui.js" %}" defer></script>'),
            ("templates/a.html", '<script type="application/json" id="x">{}</script>'),
            ("templates/a.html", '<link rel="stylesheet" href="/static/a.css">{# style="x" https://example.org #}'),
            ("templates/a.html", '<p class="on once" data-style="x">a // b</p>'),
            ("static/a.js", "// a comment\nmake('http://www.w3.org/2000/svg')"),
            ("static/vendor/a.js", "fetch('https://example.org')"),
            ("pages.py", "'https://example.org'"),
        ],
    )
    def test_allows_what_stays(self, says, name, text):
        assert says(addresses, {f"src/tanhui/ui/{name}": text}) == []


class TestLicences:
    def about(self, *fields):
        message = Message()
        for name, value in fields:
            message[name] = value
        return message

    @pytest.mark.parametrize(
        "terms",
        [
            "Copyright 2026\n\nGNU GENERAL PUBLIC LICENSE Version 3\nTHIS OR THAT",
            "GPL-3.0-only",
            "AGPL-3.0-or-later",
            "GNU Affero General Public License v3",
            "MIT AND GPL-2.0-only",
            "GPLv2+",
        ],
    )
    def test_stops_the_gpl(self, terms):
        assert not licences.allowed([terms])

    @pytest.mark.parametrize(
        "terms",
        [
            "MIT",
            "LGPL-3.0-only",
            "GNU Lesser General Public License v2 or later (LGPLv2+)",
            "GNU Library or Lesser General Public License (LGPL)",
            "Apache-2.0 OR GPL-2.0-only",
        ],
    )
    def test_lets_the_lgpl_and_a_choice_pass(self, terms):
        assert licences.allowed([terms])

    def test_does_not_let_one_of_two_licences_hide_the_other(self):
        assert not licences.allowed(["MIT License", "GNU General Public License v3 (GPLv3)"])

    def test_reads_the_expression_before_the_classifiers_before_the_words(self):
        words = ("License", "BSD\nlong text")
        classifier = ("Classifier", "License :: OSI Approved :: MIT License")

        assert licences.licences(self.about(words)) == ["BSD\nlong text"]
        assert licences.licences(self.about(words, classifier)) == ["MIT License"]
        assert licences.licences(self.about(words, classifier, ("License-Expression", "MIT"))) == ["MIT"]

    def test_finds_what_is_locked_and_cannot_be_read(self, says):
        lock = {"requirements/server.txt": "no-such-thing==1.0 \\\n    --hash=sha256:00\n"}

        assert says(licences, lock) == ["no-such-thing is not installed, so its licence cannot be read"]

    def test_passes_over_what_is_locked_for_another_system(self, says):
        lock = {"requirements/server.txt": 'no-such-thing==1.0 ; sys_platform == "amiga" \\\n    --hash=sha256:00\n'}

        assert says(licences, lock) == []


class TestWords:
    @pytest.mark.parametrize(
        "text", ["see py" + "pi.org/x", "in /ho" + "me/ada/x", '"/wo' + 'rk/x"', "C:" + r"\Users\ada"]
    )
    def test_finds_an_address_or_a_path_of_one_machine(self, says, text):
        assert len(says(words, {"docs/a.md": text})) == 1

    @pytest.mark.parametrize("text", ["registry.example/work/1", "docs/work/plan.md", "var/run"])
    def test_allows_paths_of_ours(self, says, text):
        assert says(words, {"docs/a.md": text}) == []

    def test_looks_at_what_git_keeps_and_not_at_what_it_ignores(self, says, checkout):
        root = checkout({".gitignore": "var/\n"})
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        bad = "py" + "pi.org"

        assert len(says(words, {"var/a": bad, "kept": bad})) == 1


class TestCommandsInTheDocs:
    MAKEFILE = {"Makefile": ".PHONY: demo test\ndemo: .venv\n\ttanhui demo\ntest:\n\tpytest\n"}

    def page(self, line):
        return self.MAKEFILE | {"README.md": f"# Tanhui\n\n```console\n$ {line}\n```\n"}

    @pytest.mark.parametrize("line", ["make demo CHECK=1", "make demo | tee log", "LANG=C make test  # all", "ls -l"])
    def test_allows_targets_that_exist(self, says, line):
        assert says(commands, self.page(line)) == []

    def test_finds_a_target_that_does_not(self, says):
        assert says(commands, self.page("make deploy")) == ["make deploy: the Makefile has no such target"]

    def test_reads_only_console_blocks(self, says):
        assert says(commands, {"README.md": "```text\n$ make deploy\n```\n$ make deploy\n"}) == []


class TestCommandLine:
    @pytest.fixture
    def parser(self):
        from argparse import ArgumentParser

        parser = ArgumentParser()
        parser.add_argument("--lang")
        log = parser.add_subparsers().add_parser("log").add_subparsers()
        log.add_parser("fsck").add_argument("folder")
        return parser

    @pytest.mark.parametrize("words", ["log fsck DIR", "--lang=en log", "log fsck ./copy of it"])
    def test_knows_its_commands(self, parser, words):
        assert commands.first_unknown(parser, words.split()) is None

    @pytest.mark.parametrize(
        ("words", "unknown"), [("verify x", "verify"), ("log fix", "fix"), ("log fsck --deep", "--deep")]
    )
    def test_names_the_first_word_it_does_not(self, parser, words, unknown):
        assert commands.first_unknown(parser, words.split()) == unknown


class TestPoliciesAndGlossary:
    FLOORS = {".importlinter": "[importlinter:contract:floors]\nlayers =\n    site | cli\n    (market)\n    registry\n"}
    HEAD = "| Clause | Asks | Room | State | Seen in |\n|---|---|---|---|---|\n"

    def page(self, *rows):
        return self.FLOORS | {"docs/policy/1.md": self.HEAD + "\n".join(rows), "docs/seen.md": ""}

    @pytest.mark.parametrize(
        "row", ["| 一 | to issue | registry | built | [here](../seen.md) |", "| 一 | to sell | market | planned | |"]
    )
    def test_allows_a_clause_that_has_its_place(self, says, row):
        assert says(policies, self.page(row)) == []

    @pytest.mark.parametrize(
        ("row", "complaint"),
        [
            ("| 一 | to issue | registrar | planned | |", "there is no room registrar"),
            ("| 一 | to issue | registry | done | |", "'done' is none of"),
            ("| 一 | to issue | registry | built | |", "nothing shows it"),
            ("| 一 | to issue | registry | built | [here](gone.md) |", "gone.md does not exist"),
            ("| 一 | | registry | planned | |", "asks nothing"),
            ("| 一 | to issue | registry |", "3 cells"),
        ],
    )
    def test_finds_a_clause_that_has_not(self, says, row, complaint):
        assert any(complaint in said for said in says(policies, self.page(row)))

    def test_finds_a_proof_that_is_not_in_its_test(self, says):
        test = {"tests/test_a.py": "\nclass TestSale:\n    ...\n"}
        row = "| 一 | to sell | registry | built | [sold](../../tests/test_a.py) (TestSale, TestGift) |"

        assert says(policies, self.page(row) | test) == ["一: ../../tests/test_a.py has no TestGift"]

    def test_finds_a_clause_twice(self, says):
        row = "| 一 | to sell | market | planned | |"

        assert says(policies, self.page(row, row)) == ["一 stands here twice"]

    @pytest.mark.parametrize(
        "rows",
        ["| 签发 | issuance | |\n| 签发 | issue | |", "| 签发 | issuance | |\n| 发放 | Issuance | |"],
    )
    def test_finds_a_term_with_two_words_or_a_word_for_two_terms(self, says, rows):
        assert len(says(policies, {"GLOSSARY.md": f"| Chinese | English | Meaning |\n|---|---|---|\n{rows}\n"})) == 1
