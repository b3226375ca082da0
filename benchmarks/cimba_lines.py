"""The model of five-lines.yaml in Cimba for Python, whose processes compile to native code."""

# Cimba reads the annotations of its models when they are defined, so they must not be postponed.
import math

import cimba as cb
import cimba.random

from benchmarks.model import ANSWER, EVERY, FATIGUE, HALF_LIFE, HORIZON, LATE, LINES, LOG_MEDIAN, SHOCK, SHOCK_AT, SIGMA


class Crisis(cb.Model):
    """What all lines feel: the log-odds that contacts have added, and how much each adds."""

    raised: cb.Param[float] = 0.0
    shared: float = 0.0


class Line(cb.Model):
    """One line: attempt after attempt, until one is answered."""

    crisis: cb.Ref[Crisis]
    opens: cb.Param[float] = 0.0
    first: cb.Output[float] = HORIZON
    attempts: cb.Output[int] = 0

    @cb.process
    def call(self) -> None:
        """The line's process."""
        cb.hold(self.opens)
        odds = ANSWER
        while True:
            self.attempts += 1
            now = odds + self.crisis.shared
            if cb.now() >= SHOCK_AT:
                now += SHOCK * 2.0 ** ((SHOCK_AT - cb.now()) / HALF_LIFE)
            if cimba.random.uniform(0.0, 1.0) < 1.0 / (1.0 + math.exp(-now)):
                break
            odds += FATIGUE
            cb.hold(cimba.random.exponential(EVERY))
        cb.hold(cimba.random.lognormal(LOG_MEDIAN, SIGMA))
        self.first = cb.now()
        self.crisis.shared += self.crisis.raised


class FiveLines(cb.Model):
    """The lines, and what all of them feel."""

    crisis: Crisis
    lines: list[Line]


def model(factor: float) -> FiveLines:
    """The model; a contact multiplies the odds of the other lines by `factor`."""
    made = FiveLines()
    made.crisis = Crisis()
    made.crisis.raised = math.log(factor)
    made.lines = [Line() for _ in range(LINES)]
    for line in made.lines:
        line.crisis = made.crisis
    made.lines[-1].opens = LATE
    return made
