"""The districts a resident can choose from: those of the cities in which scenarios operate."""

from functools import cache

from tanhui.inclusion.models import Scenario
from tanhui.projects import divisions


def choices() -> list[tuple[str, str]]:
    """Code and name of each, by code."""
    cities = {code[:4] for code in Scenario.objects.filter(state="OPERATING").values_list("division_code", flat=True)}
    return [one for city in sorted(cities) for one in districts(city)]


@cache
def districts(city: str) -> tuple[tuple[str, str], ...]:
    from gb2260 import data  # two megabytes of source

    names = {str(code): name for code, name in data.data[None].items()}
    wanted = [code for code in sorted(names) if code.startswith(city) and code[4:] not in ("00", "01")]
    above = names.get(city + "00", "")
    if above in ("市辖区", "县"):  # of a municipality: its districts stand under the province itself
        above = names.get(city[:2] + "0000", "")
    return tuple((code, f"{above}{names[code]}") for code in wanted)


def name(code: str) -> str:
    """The name of a division's district; its code where it is not known here."""
    return divisions.house().name(code[:6]) or code if code else ""
