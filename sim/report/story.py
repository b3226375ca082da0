"""One replication told in words: sentences from typed happenings, so that other forms of the same story can follow.

`tell` makes a `Story` out of a scenario and a history; `lines_of_text` lays it out for a terminal or a text file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sim.engines.contract import NEVER, Happening, History
from sim.report.words import clock, day, decimal, duration, listing, plain, several, weekday
from sim.scenario.resolved import Effect, Line, Official, Scenario


@dataclass(frozen=True)
class Sentence:
    """One happening in words.

    second   since clock.start
    what     the kind of happening, as in `sim.engines.contract.Happening`
    subject  the line, event or regime it is about
    when     date and time in UTC, with the caller's local time where a line is concerned
    words    what happened
    """

    second: int
    what: str
    subject: str
    when: str
    words: str


@dataclass(frozen=True)
class Story:
    """`title` and `opening` set the scene, `sentences` tell what happened, `outcome` how it ended for each line."""

    title: str
    opening: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    outcome: tuple[str, ...]


def tell(scenario: Scenario, history: History) -> Story:
    """The story of one replication of `scenario`."""
    teller = _Teller(scenario)
    return Story(
        f"{plain(scenario.title)}: replication {history.replication}, seed {history.seed}",
        tuple(_opening(scenario, history)),
        tuple(teller.sentence(happening) for happening in history.happenings),
        tuple(teller.outcomes(history.happenings)),
    )


def lines_of_text(story: Story) -> list[str]:
    """The story as lines of plain text, one for each happening."""
    wide = max((len(one.when) for one in story.sentences), default=0)
    told = [f"{one.when:<{wide}}  {one.words}" for one in story.sentences]
    return [story.title, *story.opening, "", *(told or ["Nothing happened."]), "", "How it ended", *story.outcome]


def _opening(scenario: Scenario, history: History) -> list[str]:
    span = f"{day(scenario.start)} {clock(scenario.start)} to {day(scenario.end)} {clock(scenario.end)} UTC"
    lines = [f"{span}. Times are UTC, with the caller's local time in brackets."]
    if history.parameters:
        units = {number.path: number.unit for number in scenario.uncertain}
        drawn = [
            f"{path} = {duration(value) if units.get(path) == 's' and value >= 0 else f'{value:.4g}'}"
            for path, value in history.parameters.items()
        ]
        lines.append(f"Drawn for this replication: {', '.join(drawn)}.")
    return lines


class _Teller:
    """Knows the names of the scenario; makes one sentence of one happening."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.lines: Mapping[str, Line] = {line.name: line for line in scenario.lines}
        self.officials: Mapping[str, Official] = {official.name: official for official in scenario.officials}
        self.channels = {channel.name: plain(channel.title) or channel.name for channel in scenario.channels}
        self.zones = {side.name: side.timezone for side in scenario.sides}
        self.events = {event.name: event for event in scenario.events}
        self.regimes = {regime.name: regime for regime in scenario.regimes}
        self.titles = Counter(official.title for official in scenario.officials)
        self.introduced: set[str] = set()
        self.tellers: Mapping[str, Callable[[Happening], str]] = {
            "state": self._state,
            "event": self._event,
            "errand": self._errand,
            "merged": self._merged,
            "attempt": self._attempt,
            "contact": self._contact,
            "call ends": self._call_ends,
            "gave up": self._gave_up,
            "superseded": self._superseded,
        }

    def sentence(self, happening: Happening) -> Sentence:
        """Raises KeyError for a kind of happening that nobody has taught it."""
        words = self.tellers[happening.what](happening)
        return Sentence(happening.second, happening.what, happening.name, self._when(happening), words)

    def _when(self, happening: Happening) -> str:
        moment = self.scenario.start + timedelta(seconds=happening.second)
        text = f"{weekday(moment)} {day(moment)} {clock(moment)} UTC"
        line = self.lines.get(happening.name) if happening.what not in ("state", "event") else None
        if line is None:
            return text
        zone = self.zones[self.officials[line.caller].side]
        local = moment.astimezone(ZoneInfo(zone))
        other_day = "" if local.date() == moment.date() else f"{weekday(local)} "
        return f"{text} ({other_day}{clock(local)} {zone.rpartition('/')[2].replace('_', ' ')})"

    def _person(self, name: str) -> str:
        """Name and office at the first mention, and whenever the name (such as `duty officer`) does not say who."""
        official = self.officials[name]
        title, office = plain(official.title) or name, plain(official.office)
        known = name in self.introduced and self.titles[official.title] == 1
        self.introduced.add(name)
        return title if known or not office else f"{title} ({office})"

    def _effect(self, effect: Effect | None, own: str = "") -> str:
        """What an effect does to the odds of an answer, as the end of a sentence."""
        if effect is None:
            return ""
        factor = f"{effect.odds_factor:g}" if isinstance(effect.odds_factor, float | int) else effect.odds_factor.path
        if factor == "1":
            return ""
        where = "here" if effect.affects == (own,) else f"on {listing(effect.affects)}" if effect.affects else "nowhere"
        ends = [
            f"{words} {duration(value) if isinstance(value, float | int) else value.path}"
            for words, value in (("for", effect.lasts), ("halving every", effect.half_life))
            if value is not None
        ]
        return f"; odds of an answer × {factor} {' '.join([where, *ends])}"

    def _state(self, happening: Happening) -> str:
        regime = self.regimes[happening.name]
        name, until = str(happening.detail["state"]), int(happening.detail.get("until", NEVER))
        state = next((state for state in regime.states if state.name == name), None)
        words = f"{plain(regime.title) or regime.name} {'begins' if happening.second == 0 else 'turns'} {name}"
        if until != NEVER:
            moment = self.scenario.start + timedelta(seconds=until)
            words += f", until {day(moment)} {clock(moment)} unless something changes it"
        if state is not None:
            words += self._effect(Effect(regime.affects, state.odds_factor))
        return words

    def _event(self, happening: Happening) -> str:
        event = self.events[happening.name]
        nth = int(happening.detail.get("count", 1))
        words = plain(event.title) or event.name
        if nth > 1 or event.every is not None:
            words += f", occurrence {nth}"
        for regime, state in event.switches.items():
            words += f"; switches {regime} to {state}"
        return words + self._effect(event.effect)

    def _errand(self, happening: Happening) -> str:
        line = self.lines[happening.name]
        nth = int(happening.detail.get("count", 1))
        cause = f", because {_occurrence(line.trigger.kind, line.trigger.name)}" if line.trigger else ""
        return f"{line.name}: {'an' if nth == 1 else 'another'} errand begins{cause}"

    def _merged(self, happening: Happening) -> str:
        return f"{happening.name}: one more occurrence joins the errand that is under way"

    def _attempt(self, happening: Happening) -> str:
        line, detail = self.lines[happening.name], happening.detail
        result = str(detail["result"])
        words = f"{line.name}: {self._person(line.caller)} tries {self._person(line.callee)}"
        words += f" over {self.channels[line.channel]}, attempt {detail['count']}: {plain(result)}"
        if result == "answered":
            delay = _seconds(detail["delay"])
            words += f", to speak after {duration(delay)} of the callee's duty" if delay > 0 else ", to speak at once"
        elif result != "busy":
            words += f" (chance of an answer {probability(float(detail['probability']))})"
        return words if result == "answered" else words + self._effect(line.on_unanswered, line.name)

    def _contact(self, happening: Happening) -> str:
        line, detail = self.lines[happening.name], happening.detail
        call, attempted = _seconds(detail["call"]), _seconds(detail["attempted"])
        held = f" for {duration(call)}" if call > 0 else ""
        words = f"{line.name}: CONTACT, {self._person(line.caller)} speaks with {self._person(line.callee)}{held}"
        words += f", {duration(happening.second - attempted)} after the attempt"
        response = _seconds(detail["response"])
        if line.trigger is not None:
            words += f" and {duration(response)} after the occurrence"
        return words + self._effect(line.on_contact, line.name)

    def _call_ends(self, happening: Happening) -> str:
        return f"{happening.name}: the call ends"

    def _gave_up(self, happening: Happening) -> str:
        return f"{happening.name}: gives up after {several(int(happening.detail['count']), 'attempt')}"

    def _superseded(self, happening: Happening) -> str:
        return f"{happening.name}: no longer needed, since there was contact on {happening.detail['by']}"

    def outcomes(self, happenings: Sequence[Happening]) -> list[str]:
        """For each line how it ended, in order of declaration."""
        by_line: dict[str, list[Happening]] = {name: [] for name in self.lines}
        for happening in happenings:
            if happening.what not in ("state", "event"):
                by_line[happening.name].append(happening)
        return [f"  {name}: {self._outcome(own)}" for name, own in by_line.items()]

    def _outcome(self, happenings: Sequence[Happening]) -> str:
        results = Counter(str(one.detail["result"]) for one in happenings if one.what == "attempt")
        made = results.total()
        tries = several(made, "attempt") if made else "never tried"
        if made:
            tries += f" ({', '.join(f'{plain(result)} {some}' for result, some in results.most_common())})"
        contacts = [one for one in happenings if one.what == "contact"]
        ended = Counter(one.what for one in happenings)
        extras = [
            f"{words} {several(ended[what], 'time')}"
            for what, words in (("gave up", "gave up"), ("superseded", "no longer needed"), ("merged", "merged"))
            if ended[what]
        ]
        if contacts:
            moment = self.scenario.start + timedelta(seconds=contacts[0].second)
            more = f", {several(len(contacts), 'contact')} in all" if len(contacts) > 1 else ""
            words = f"first contact {day(moment)} {clock(moment)} UTC, after {duration(contacts[0].second)}{more}"
        else:
            words = "no contact"
        return "; ".join([words, tries, *extras])


def _occurrence(kind: str, name: str) -> str:
    return f"of {name}" if kind == "event" else f"{name} gave up"


def _seconds(value: int | float | str) -> int:
    return int(value)


def probability(value: float) -> str:
    """A probability as a number with three digits that matter: ``0.0495``; ``0`` and ``1`` only where exact."""
    if value in (0.0, 1.0):
        return f"{value:.0f}"
    return f"{value:.3g}" if value < 0.999 else f"1 − {1 - value:.2g}" if value < 1 else decimal(value)
