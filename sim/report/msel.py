"""Master scenario events list: one replication as the list of injects of an exercise.

The columns of each preset are those that exercise tools import: HSEEP's list, MITRE's cyber exercise playbook, the
blueprint of an exercise-planning tool, Conducttr, and T3SF. An entry of the replication's story is an inject; routine
is folded in it. The control view says outcomes and odds. The player view of a side has what that side could know
before it acts: public events, calls that reach it, and the first attempt of each of its own requests.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sim.engines.contract import EventLog, LogEntry
from sim.report.format import plain
from sim.report.narrative.story import Entry, tell
from sim.scenario.resolved import Official, Scenario

CONTROL, PLAYER = "control", "player"
EVERYBODY = "All"
NEWS = "News"
SIMCELL = "Control cell"

_TYPES = {
    "attempt": "Expected Action",
    "request": "Expected Action",
    "contact": "Inject",
    "call ends": "Inject",
    "event": "Inject",
    "state": "Contingency Inject",
    "gave up": "Contingency Inject",
    "merged": "Contingency Inject",
    "superseded": "Contingency Inject",
}
"""HSEEP's type of an inject: what players are expected to do, what controllers give, what controllers hold ready."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Inject:
    """One row of the list.

    number           from 1 in the whole list of the replication; a filter does not change it
    second           since clock.start
    kind             HSEEP's type
    sender, receiver who acts, and on whom; `EVERYBODY` for public events
    from_side, to_side  titles of their sides; empty for events and gates
    mode             channel of the call, or `NEWS`
    title            short heading
    control          what happens, with outcome and odds
    message          what the player is told; empty where players are told nothing
    audience         names of the sides whose players see it
    """

    number: int
    second: int
    kind: str
    sender: str
    receiver: str
    from_side: str
    to_side: str
    mode: str
    title: str
    control: str
    message: str
    audience: frozenset[str]


@dataclass(frozen=True)
class Clock:
    """How times are written.

    start  clock.start of the scenario, UTC
    begin  time of day at which the game begins, seconds since midnight; None without a game clock
    pace   seconds of game time for a second of scenario time
    dtg    date-time groups (DDHHMMZMONYY) in place of ISO dates
    """

    start: datetime
    begin: int | None = None
    pace: float = 1.0
    dtg: bool = False

    def scenario_time(self, second: int) -> str:
        """Scenario time in UTC."""
        moment = (self.start + timedelta(seconds=second)).astimezone(UTC)
        return f"{moment:%d%H%MZ%b%y}".upper() if self.dtg else f"{moment:%Y-%m-%d %H:%M}"

    def game_time(self, second: int) -> str:
        """Game clock, HH:MM from the day on which the game begins (``1+09:30`` on the second day); else UTC."""
        if self.begin is None:
            return self.scenario_time(second)
        minutes = (self.begin + round(second * self.pace)) // 60
        day, minute = divmod(minutes, 24 * 60)
        return f"{f'{day}+' if day else ''}{minute // 60:02d}:{minute % 60:02d}"


def injects(scenario: Scenario, event_log: EventLog) -> tuple[Inject, ...]:
    """Return the injects of a replication of `scenario`, in order of time."""
    officials = {official.name: official for official in scenario.officials}
    sides = {side.name: plain(side.title) or side.name for side in scenario.sides}
    story = tell(scenario, event_log)
    return tuple(_inject(number, entry, scenario, officials, sides) for number, entry in enumerate(story.entries, 1))


def _inject(
    number: int, entry: Entry, scenario: Scenario, officials: Mapping[str, Official], sides: Mapping[str, str]
) -> Inject:
    own = entry.log_entries[0]
    everybody = frozenset(sides)
    if own.what == "event":
        event = next(one for one in scenario.events if one.name == own.name)
        title = plain(event.title) or event.name
        return Inject(
            number,
            entry.second,
            _TYPES[own.what],
            SIMCELL,
            EVERYBODY,
            "",
            "",
            NEWS,
            title,
            entry.words,
            title,
            everybody,
        )
    if own.what == "state":
        regime = next(one for one in scenario.regimes if one.name == own.name)
        title = plain(regime.title) or regime.name
        return Inject(
            number, entry.second, _TYPES[own.what], SIMCELL, SIMCELL, "", "", "", title, entry.words, "", frozenset()
        )
    line = next(one for one in scenario.lines if one.name == own.name)
    caller, callee = officials[line.caller], officials[line.callee]
    channel = next(one for one in scenario.channels if one.name == line.channel)
    mode = plain(channel.title) or channel.name
    message, audience = _for_players(own, caller, callee, mode)
    return Inject(
        number,
        entry.second,
        _TYPES[own.what],
        _person(caller),
        _person(callee),
        sides[caller.side],
        sides[callee.side],
        mode,
        f"{plain(line.title) or line.name}: {own.what}",
        entry.words,
        message,
        audience,
    )


def _for_players(own: LogEntry, caller: Official, callee: Official, mode: str) -> tuple[str, frozenset[str]]:
    """What players may know: the first attempt of their own request, and a call that reaches them."""
    first = own.what == "request" or (own.what == "attempt" and int(own.detail["count"]) == 1)
    if first:
        return f"{_person(caller)} wants to reach {_person(callee)} over {mode}.", frozenset({caller.side})
    if own.what == "contact":
        return f"{_person(caller)} calls {_person(callee)} over {mode}.", frozenset({callee.side})
    return "", frozenset()


def _person(official: Official) -> str:
    title, office = plain(official.title) or official.name, plain(official.office)
    return f"{title} ({office})" if office else title


def visible(rows: Sequence[Inject], view: str, side: str | None = None) -> tuple[Inject, ...]:
    """The injects of a view: all of them for control, those of its audience for the players of a side."""
    if view == CONTROL:
        return tuple(rows)
    return tuple(one for one in rows if one.message and side in one.audience)


Row = Mapping[str, str]
Preset = Callable[[Inject, Clock, bool], dict[str, str]]


def _hseep(one: Inject, clock: Clock, control: bool) -> dict[str, str]:
    game = "" if clock.begin is None else f"Game clock {clock.game_time(one.second)}"
    return {
        "Event Number": str(one.number),
        "Designated Scenario Time": clock.scenario_time(one.second),
        "Event Type": one.kind,
        "Inject Mode": one.mode,
        "From": one.sender,
        "To": one.receiver,
        "Message": one.control if control else one.message,
        "Expected Participant Response": "",
        "Exercise Objective": "",
        "Notes": game,
    }


def _mitre(one: Inject, clock: Clock, control: bool) -> dict[str, str]:
    return {
        "ID": str(one.number),
        "Local Time": clock.game_time(one.second),
        "Delivery Method": one.mode,
        "Target": one.receiver,
        "Title": one.title if control else _plain_title(one),
        "Description": one.control if control else one.message,
        "Assumptions": "",
        "Notes": f"From {one.sender}" if one.sender != SIMCELL else "",
        "Expected Actions": "",
        "Measure of Performance": "",
    }


def _blueprint(one: Inject, clock: Clock, control: bool) -> dict[str, str]:
    return {
        "Control Number": str(one.number),
        "Move": str(1 + one.second // 86_400),
        "Group": one.kind,
        "Delivery Time": clock.game_time(one.second),
        "Simulated Time": clock.scenario_time(one.second),
        "Assigned To": SIMCELL,
        "Status": "",
        "Title": one.title if control else _plain_title(one),
        "Description": one.control if control else one.message,
        "From Org": one.from_side,
        "To Org": one.to_side,
        "Details": f"{one.sender} to {one.receiver}",
        "Expected Actions": "",
    }


def _conducttr(one: Inject, clock: Clock, control: bool) -> dict[str, str]:
    return {
        "Number": str(one.number),
        "Time": clock.game_time(one.second),
        "From": one.sender,
        "Faction": one.from_side,
        "To": one.receiver,
        "Team": one.to_side,
        "Method": one.mode,
        "Subject": one.title if control else _plain_title(one),
        "Message": one.control if control else one.message,
        "Expected Action": "",
        "Tab": one.kind,
    }


def _t3sf(one: Inject, clock: Clock, control: bool) -> dict[str, str]:
    return {
        "#": str(one.number),
        "Real Time": clock.game_time(one.second),
        "Date": clock.scenario_time(one.second),
        "Subject": one.title if control else _plain_title(one),
        "From": one.sender,
        "Player": one.receiver,
        "Script": one.control if control else one.message,
        "Photo": "",
        "Picture Name": "",
        "Profile": "",
        "Poll": "",
    }


PRESETS: Mapping[str, Preset] = {
    "hseep": _hseep,
    "mitre": _mitre,
    "blueprint": _blueprint,
    "conducttr": _conducttr,
    "t3sf": _t3sf,
}


def _plain_title(one: Inject) -> str:
    """A heading that does not tell the outcome: the message's first words."""
    return one.mode if one.mode != NEWS else one.title


def table(
    scenario: Scenario, event_log: EventLog, preset: str, clock: Clock, view: str = CONTROL, side: str | None = None
) -> list[dict[str, str]]:
    """Rows of a preset; a cell that begins with = + - @ or a tab gets an apostrophe, so that it is no formula."""
    rows = visible(injects(scenario, event_log), view, side)
    made = (PRESETS[preset](one, clock, view == CONTROL) for one in rows)
    return [{name: neutral(cell) for name, cell in row.items()} for row in made]


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def as_csv(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Comma-separated values with a heading row; lines end as RFC 4180 has them."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def as_json(rows: Sequence[Row]) -> str:
    """A JSON list of objects."""
    return json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n"


def write_xlsx(rows: Sequence[Row], names: Sequence[str], file: Path) -> None:
    """Write one sheet; equal rows give equal bytes. Raises ModuleNotFoundError without the extra `xlsx`."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
        sheet = book.add_worksheet("MSEL")
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for column, name in enumerate(names):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, 48 if name in ("Message", "Description", "Script") else 18)
            for row, cells in enumerate(rows, 1):
                sheet.write_string(row, column, cells[name], wrap)
        sheet.freeze_panes(1, 0)


def columns(preset: str) -> tuple[str, ...]:
    """Names of a preset's columns, in order. Raises KeyError for an unknown preset."""
    blank = Inject(1, 0, "", "", "", "", "", "", "", "", "", frozenset())
    return tuple(PRESETS[preset](blank, Clock(datetime(2000, 1, 1, tzinfo=UTC)), True))
