"""Applicability of a methodology: each predicate answers pass, fail or needs evidence, with its clause."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tanhui.kernel.refusal import Refusal, gettext_noop

Answer = Literal["pass", "fail", "needs_evidence"]


class NotApplicable(Refusal):
    code = "methods.not_applicable"
    sentence = gettext_noop(
        "%(package)s does not apply to this project: %(failing)s. "
        "Choose another methodology, or correct the declared facts."
    )
    clause = "温室气体自愿减排交易管理办法（试行） art. 8"
    status = 422


@dataclass(frozen=True)
class Predicate:
    name: str
    clause: str
    label_en: str
    label_zh: str
    evidence_asked: str
    ask: Callable[[Mapping[str, Any]], Answer]


def predicate(
    *, clause: str, en: str, zh: str, evidence_asked: str
) -> Callable[[Callable[[Mapping[str, Any]], Answer]], Predicate]:
    """Declare the function below, which answers from the project's facts, as a predicate."""

    def declare(ask: Callable[[Mapping[str, Any]], Answer]) -> Predicate:
        return Predicate(ask.__name__, clause, en, zh, evidence_asked, ask)

    return declare


def ask_all(predicates: Iterable[Predicate], facts: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"predicate": one.name, "clause": one.clause, "answer": one.ask(facts), "evidence_asked": one.evidence_asked}
        for one in predicates
    ]


def demand(answers: Iterable[Mapping[str, str]], *, package: str, purpose: str) -> None:
    """A project run refuses a failing predicate, a run for issuance also one that still needs evidence; a demonstration
    records the answers and goes on."""
    refused = {"demonstration": set(), "project": {"fail"}, "issuance": {"fail", "needs_evidence"}}[purpose]
    failing = [one for one in answers if one["answer"] in refused]
    if failing:
        raise NotApplicable(
            package=package,
            failing="; ".join(f"{one['predicate']} ({one['clause']}): {one['answer']}" for one in failing),
        )
