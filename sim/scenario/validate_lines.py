"""Validation of lines: their references, and whether their requests can begin and end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.scenario import calendars, resolved, schema
from sim.scenario.errors import KeyPath, Problems, quoted
from sim.scenario.program import solve
from sim.scenario.schema import BAD
from sim.scenario.validate_names import Names, check_affects, present, refer

AFTER_LINES = ("contact", "unanswered", "gave_up")


def check(human: schema.ScenarioFields, problems: Problems) -> None:
    """Note dangling references of lines, contradictions, and lines that can never begin."""
    names = Names(problems)
    groups = {} if human.report is BAD or human.report.groups is BAD else human.report.groups
    checker = _LineChecker(problems, names, groups)
    for name, line in present(human.lines):
        checker.check_line(name, line)
    _check_beginnings(human, problems, checker)


class _LineChecker:
    def __init__(self, problems: Problems, names: Names, groups: dict[str, tuple[str, ...]]) -> None:
        self.problems = problems
        self.names = names
        self.groups = groups
        self.faulty: set[str] = set()
        """Lines whose beginning is already known to be wrong."""

    def check_line(self, name: str, line: schema.LineFields) -> None:
        """Add what is wrong with a line to the problems: whom and what it names, its trigger, its start and its end."""
        path: KeyPath = ("lines", name)
        officials = self.names.of("officials")
        refer(self.problems, (*path, "caller"), line.caller, "official", officials)
        refer(self.problems, (*path, "callee"), line.callee, "official", officials)
        refer(self.problems, (*path, "channel"), line.channel, "channel", self.names.of("channels"))
        if line.caller == line.callee and line.caller is not BAD:
            self.problems.add(
                (*path, "callee"), f"{quoted(line.callee)} cannot call themselves; caller and callee differ"
            )
        for key in ("on_unanswered", "on_contact"):
            effect = getattr(line, key)
            if effect is not None and effect is not BAD:
                check_affects(self.problems, self.names, (*path, key, "affects"), effect.affects)
        self._check_trigger(name, line)
        self._check_starts(name, line)
        self._check_until(name, line)

    def lines_of(self, path: KeyPath, name: str) -> tuple[str, ...] | None:
        """The lines that a line or group stands for; None, and a note, where it is neither, or not clear."""
        lines, groups = self.names.of("lines"), self.names.of("groups")
        if lines is None or groups is None or name is BAD:
            return None
        if name in lines and name in groups:
            self.problems.add(path, f"{quoted(name)} is both a line and a group; rename the group")
            return None
        if not refer(self.problems, path, name, "line or group", self.names.of("lines", "groups") or ()):
            return None
        meant = (name,) if name in lines else self.groups.get(name, BAD)
        return None if meant is BAD else meant

    def _check_trigger(self, name: str, line: schema.LineFields) -> None:
        trigger, path = line.triggered_by, ("lines", name, "triggered_by")
        if trigger is None:
            return
        if line.starts is not None:
            message = "a triggered line has no 'starts': each occurrence of its trigger opens a request"
            self.problems.add(("lines", name, "starts"), message, at_key=True)
        if line.until is not BAD and line.until.horizon:
            self.problems.add(("lines", name, "until"), "a triggered line cannot go on 'until: horizon'")
        if trigger is BAD:
            self.faulty.add(name)
        elif trigger.event is not None:
            if not refer(self.problems, (*path, "event"), trigger.event, "event", self.names.of("events")):
                self.faulty.add(name)
        elif trigger.gave_up is not None:
            where = (*path, "gave_up")
            if not refer(self.problems, where, trigger.gave_up, "line", self.names.of("lines")):
                self.faulty.add(name)

    def _check_starts(self, name: str, line: schema.LineFields) -> None:
        starts, path = line.starts, ("lines", name, "starts")
        if starts is None or starts is BAD:
            return
        if starts.at is not None and starts.after is not None:
            self.problems.add((*path, "after"), "both 'at' and 'after' are given; expected one", at_key=True)
        if starts.after is None or starts.after is BAD:
            return
        after = starts.after
        given = [kind for kind in ("event", *AFTER_LINES) if getattr(after, kind) is not None]
        if not given and self.problems.misspelt((*path, "after"), ("event", *AFTER_LINES, "count")):
            self.faulty.add(name)
            return
        if len(given) != 1:
            both = f"both {quoted(given[0])} and {quoted(given[1])} are given; expected one" if given else None
            message = both or "missing key 'event', 'contact', 'unanswered' or 'gave_up' (what is waited for)"
            self.problems.add((*path, "after", *given[1:2]), message, at_key=True)
            self.faulty.add(name)
            return
        where = (*path, "after", given[0])
        wanted = getattr(after, given[0])
        if given[0] == "event":
            refer(self.problems, where, wanted, "event", self.names.of("events"))
        elif self.lines_of(where, wanted) is None:
            self.faulty.add(name)

    def _check_until(self, name: str, line: schema.LineFields) -> None:
        if line.until is not BAD and line.until.contact is not None:
            self.lines_of(("lines", name, "until", "contact"), line.until.contact)


def _check_beginnings(human: schema.ScenarioFields, problems: Problems, checker: _LineChecker) -> None:
    """Warn of lines that wait for each other in a circle, or for the giving up of one that never gives up.

    They make no attempt, which a what-if may well want to see."""
    lines = dict(present(human.lines))
    waits: dict[str, tuple[KeyPath, str, tuple[str, ...]]] = {}
    for name, line in lines.items():
        wait = None if name in checker.faulty else _wait(name, line, checker)
        if wait is not None and all(other in lines for other in wait[2]):
            waits[name] = wait
    for name, (path, kind, others) in list(waits.items()):
        if kind == "gave_up" and not any(_gives_up(lines[other]) for other in others):
            message = f"{quoted(str(others[0]))} never gives up: it has neither 'give_up' nor 'attempts'"
            problems.warn(path, message)
            del waits[name]
    began = set(lines) - set(waits)
    while True:
        more = {name for name, (_, _, others) in waits.items() if name not in began and began.intersection(others)}
        if more:
            began |= more
            continue
        stuck = next((name for name in waits if name not in began), None)
        if stuck is None:
            return
        circle = _circle(stuck, waits, began)
        shown = " waits for ".join(quoted(name) for name in (*circle, circle[0]))
        problems.warn(waits[circle[0]][0], f"no request can ever begin: {shown}")
        began.add(circle[0])


def _wait(name: str, line: schema.LineFields, checker: _LineChecker) -> tuple[KeyPath, str, tuple[str, ...]] | None:
    """What a line's first request waits for: where that is written, the kind of log entry, and on which lines."""
    trigger, starts = line.triggered_by, line.starts
    if trigger is not None and trigger is not BAD:
        if trigger.gave_up is None:
            return None
        return ("lines", name, "triggered_by", "gave_up"), "gave_up", (trigger.gave_up,)
    if starts is None or starts is BAD or starts.after is None or starts.after is BAD:
        return None
    for kind in AFTER_LINES:
        wanted = getattr(starts.after, kind)
        if wanted is not None:
            known = checker.names.of("lines") or ()
            others = (wanted,) if wanted in known else checker.groups.get(wanted, ())
            return ("lines", name, "starts", "after", kind), kind, others
    return None


def _gives_up(line: schema.LineFields) -> bool:
    return line.give_up is not None or line.attempts is not None


def _circle(start: str, waits: dict[str, tuple[KeyPath, str, tuple[str, ...]]], began: set[str]) -> list[str]:
    """A circle of lines that wait for each other, from the one declared first."""
    seen: list[str] = []
    name = start
    while name not in seen:
        seen.append(name)
        name = next(other for other in waits[name][2] if other not in began)
    circle = seen[seen.index(name) :]
    first = min(circle, key=list(waits).index)
    at = circle.index(first)
    return circle[at:] + circle[:at]


def delays_on_duty(scenario: resolved.Scenario) -> Iterator[tuple[str, float, float]]:
    """Lines whose delay counts the duty of a callee who is not always on duty: name, the median delay in seconds of
    duty, and about how long that takes by the clock (infinite where the callee is never on duty). An uncertain number
    has its prior's median."""
    officials = {one.name: one for one in scenario.officials}
    medians = {one.path: solve(one.prior, {}).quantile(0.5) for one in scenario.uncertain}
    on_duty: dict[str, int] = {}
    for line in scenario.lines:
        callee = officials[line.callee]
        if line.delay_counts == "calendar" or (callee.duty is None and not callee.holidays):
            continue
        delay = solve(line.delay, medians).quantile(0.5)
        if delay < 0.5:
            continue
        if callee.name not in on_duty:
            windows = calendars.duty_windows(callee, scenario.zone_of(callee), scenario.start, scenario.horizon)
            on_duty[callee.name] = sum(end - start for start, end in windows)
        served = on_duty[callee.name]
        yield line.name, delay, delay * scenario.horizon / served if served else math.inf
