"""The question of a run and its answer in three sentences, with numbers and intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report.format import count, plain, several, share, share_interval
from sim.report.html.certainty import headline
from sim.report.terminal import wait
from sim.report.view import View
from sim.stats.summary import NO_CONTACT

MOST_GROUPS = 4
"""With more groups than this, the answer names lines."""


def question(view: View) -> str:
    """What is asked."""
    return f"How long until the other side picks up? {view.date(0)} to {view.date(view.scenario.horizon)}"


def answer(view: View) -> tuple[str, ...]:
    """Over all lines; the groups, or the surest and the least sure line; and what the intervals do not know."""
    return tuple(filter(None, (_over_all(view), _groups(view) or _between(view), headline(view))))


def _over_all(view: View) -> str:
    found = view.summary["first_contact"]["any"]
    chance = found["probability"]
    words = (
        f"By {view.date(view.scenario.horizon)} there was contact on some line in {_chance(chance)} of "
        f"{several(view.n, 'simulated crisis', 'simulated crises')}"
    )
    if found["median_seconds"]["estimate"] is not None:
        words += f", in half of all within {_wait(view, found['median_seconds'])}"
    shares = {name: p for name, p in view.summary["first_channel"].items() if name != NO_CONTACT}
    if len(shares) > 1 and any(shares.values()):
        most = max(shares, key=lambda name: shares[name])
        words += f"; most often the first was over channel {view.label(f'channel:{most}')}, in {share(shares[most])}"
    return words + "."


def _groups(view: View) -> str:
    """What the scenario's own groups had, for a scenario with a few of them."""
    groups = [f"group:{name}" for name in view.scenario.groups]
    if not 1 <= len(groups) <= MOST_GROUPS:
        return ""
    return f"By group: {'; '.join(f'{plain(name[6:])} {_line(view, name)}' for name in groups)}."


def _between(view: View) -> str:
    """The extremes among the lines that wait for no occurrence."""
    found = view.summary["first_contact"]
    own = [f"line:{line.name}" for line in view.lines if line.trigger is None]
    if len(own) < 2:
        return ""

    def sureness(name: str) -> tuple[float, float]:
        return found[name]["probability"]["estimate"], -found[name]["restricted_mean_seconds"]["estimate"]

    ordered = sorted(own, key=sureness)
    surest, least = ordered[-1], ordered[0]
    return (
        f"Of the {count(len(own))} lines that wait for no occurrence, the surest was "
        f"{view.label(surest)}, {_line(view, surest)}; the least sure was "
        f"{view.label(least)}, {_line(view, least)}."
    )


def _line(view: View, name: str) -> str:
    found = view.summary["first_contact"][name]
    words = f"with contact in {_chance(found['probability'])}"
    if found["median_seconds"]["estimate"] is None:
        return f"{words}, which is fewer than half"
    return f"{words}, in half of all within {_wait(view, found['median_seconds'])}"


def _chance(chance: Mapping[str, Any]) -> str:
    return f"{share(chance['estimate'])} (95 % interval {share_interval(chance['low'], chance['high'])})"


def _wait(view: View, median: Mapping[str, Any]) -> str:
    return f"{wait(median).replace(' [', ' (').replace(']', ')')}, by {view.date(median['estimate'])}"
