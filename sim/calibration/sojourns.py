"""The sojourns of regimes: as the model has them, or drawn towards the spans in which the record suggests a switch.

What a guided draw owes, model over proposal, is held until the sojourn ends: before that a particle that waits for a
span is no less likely than one that does not. What a sojourn owed that ended within a span is held further, until the
record has shown the other state: else the particles that switched, as they had to, would be resampled away before it.
When particles are resampled, what is left of each sojourn is drawn anew.
"""

from __future__ import annotations

from sim.calibration import fixed
from sim.calibration import places as at
from sim.calibration.jit import part
from sim.calibration.masses import FAR, below, tilted
from sim.calibration.parts import INTERVAL, NONE, OWN, draw, listed, of, seconds
from sim.rules.arithmetic import log
from sim.rules.calendar import after
from sim.scenario.program import Floats, Ints

PLAIN = 0.5
"""The share of draws that are left to the model where there is a span ahead."""


@part
def _law(k: Ints, s: Ints, regime: int) -> int:
    return of(k, fixed.SOJOURN, of(k, fixed.STATES, regime) + of(s, at.STATE, regime))


@part
def _next_hint(g: Ints, regime: int, since: int, now: int) -> tuple[int, int]:
    """For a sojourn that began at `since`, the first span that begins after that and ends after now. The span in
    which it began has had its switch."""
    starts, ends = listed(g, at.G_HINTS, regime), listed(g, at.G_HINT_ENDS, regime)
    for i in range(len(starts)):
        if starts[i] > since and ends[i] > now + 1:
            return max(starts[i], now + 1), ends[i]
    return FAR, FAR


@part
def _propose(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, regime: int, now: int, fresh: bool, u: float
) -> None:
    """Draw the end of the sojourn that began at SINCE, given that it lasts beyond the uniform FROM."""
    law, horizon = _law(k, s, regime), k[fixed.HORIZON]
    since, first = of(s, at.SINCE, regime), x[s[at.X_FROM] + regime]
    start, end = _next_hint(g, regime, since, now)
    low = high = 0.0
    plain = 1.0
    if start < horizon:
        low = max(first, below(k, f, v, law, start - since, 1))
        high = max(low, below(k, f, v, law, end - since, 1))
        if high > low:
            plain = PLAIN
    drawn, density = tilted(u, plain, first, low, high)
    x[s[at.X_OWED] + regime] = -log(density)
    x[s[at.X_TILT_LOW] + regime] = low
    x[s[at.X_TILT_HIGH] + regime] = high if plain < 1.0 else low
    until = after(since, seconds(k, f, v, law, drawn, 1), horizon)
    s[s[at.SWITCH] + regime] = until if fresh else max(until, now)


@part
def _in_span(g: Ints, regime: int, now: int) -> bool:
    starts, ends = listed(g, at.G_HINTS, regime), listed(g, at.G_HINT_ENDS, regime)
    inside = False
    for i in range(len(starts)):
        inside = inside or starts[i] <= now < ends[i]
    return inside


@part
def pay_held(k: Ints, g: Ints, s: Ints, x: Floats, now: int) -> None:
    """Pay what was held, where the record has now shown what followed a span."""
    for regime in range(k[fixed.REGIMES]):
        for second in listed(g, at.G_SHOWN, regime):
            if second == now:
                x[at.X_LOG_WEIGHT] += x[s[at.X_HELD] + regime]
                x[s[at.X_HELD] + regime] = 0.0


@part
def sojourn(k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, seed: int, regime: int, now: int) -> None:
    """A sojourn in the present state begins; what the last one owed is paid, or held where it ended in a span."""
    if _in_span(g, regime, now):
        x[s[at.X_HELD] + regime] += x[s[at.X_OWED] + regime]
    else:
        x[at.X_LOG_WEIGHT] += x[s[at.X_OWED] + regime]
    x[s[at.X_OWED] + regime] = 0.0
    index = of(s, at.SOJOURNS, regime)
    s[s[at.SOJOURNS] + regime] = index + 1
    s[s[at.SINCE] + regime] = now
    x[s[at.X_FROM] + regime] = 0.0
    x[s[at.X_TILT_LOW] + regime] = x[s[at.X_TILT_HIGH] + regime] = 0.0
    if _law(k, s, regime) == NONE:
        s[s[at.SWITCH] + regime] = k[fixed.HORIZON]
        return
    u, _ = draw(k, s, seed, fixed.REGIME_STREAM, regime, index, INTERVAL)
    _propose(k, f, v, g, s, x, regime, now, True, u)


@part
def broken_off(k: Ints, f: Floats, v: Floats, s: Ints, x: Floats, regime: int, now: int) -> None:
    """The sojourn is cut short at `now` by an event: what counts is that it lasted so long, not how long it would have.

    A switch due at this very second was processed before the event, so the sojourn was to end later.
    """
    law = _law(k, s, regime)
    if law != NONE:
        _settle(s, x, regime, below(k, f, v, law, now + 1 - of(s, at.SINCE, regime), 1))
    x[s[at.X_OWED] + regime] = 0.0


@part
def _settle(s: Ints, x: Floats, regime: int, passed: float) -> None:
    """Put in the place of what the sojourn owes its expectation over all sojourns that last beyond the uniform
    `passed`: the model's probability of that over the proposal's."""
    first = x[s[at.X_FROM] + regime]
    low, high = x[s[at.X_TILT_LOW] + regime], x[s[at.X_TILT_HIGH] + regime]
    if high <= low:
        return
    model = (1.0 - passed) / (1.0 - first)
    if model <= 0.0:
        return
    proposal = PLAIN * model + (1.0 - PLAIN) * max(0.0, high - max(low, passed)) / (high - low)
    if proposal > 0.0:
        x[at.X_LOG_WEIGHT] += log(model) - log(proposal)


@part
def redraw_sojourns(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, seed: int, now: int, index: int
) -> None:
    """Draw anew what is left of each sojourn, all before `now` being over. `index`: of the resampling."""
    for regime in range(k[fixed.REGIMES]):
        law = _law(k, s, regime)
        if law == NONE or of(s, at.SINCE, regime) >= now:
            continue
        passed = below(k, f, v, law, now - of(s, at.SINCE, regime), 1)
        if passed <= x[s[at.X_FROM] + regime] or passed >= 1.0 - 1e-9:
            continue
        _settle(s, x, regime, passed)
        x[s[at.X_FROM] + regime] = passed
        u, _ = draw(k, s, seed, fixed.REGIME_STREAM, regime, index, OWN)
        _propose(k, f, v, g, s, x, regime, now, False, u)


@part
def settle_sojourns(k: Ints, f: Floats, v: Floats, s: Ints, x: Floats, seed: int, now: int, index: int) -> None:
    """Pay what the sojourns under way owe at `now`, where the evidence ends, and leave what is left of them to the
    model."""
    for regime in range(k[fixed.REGIMES]):
        x[at.X_LOG_WEIGHT] += x[s[at.X_HELD] + regime]
        x[s[at.X_HELD] + regime] = 0.0
        if x[s[at.X_TILT_HIGH] + regime] <= x[s[at.X_TILT_LOW] + regime]:
            continue
        law, since = _law(k, s, regime), of(s, at.SINCE, regime)
        passed = below(k, f, v, law, now - since, 1)
        _settle(s, x, regime, passed)
        x[s[at.X_OWED] + regime] = 0.0
        x[s[at.X_TILT_LOW] + regime] = x[s[at.X_TILT_HIGH] + regime] = 0.0
        first = x[s[at.X_FROM] + regime] = max(passed, x[s[at.X_FROM] + regime])
        u, _ = draw(k, s, seed, fixed.REGIME_STREAM, regime, index, OWN)
        until = after(since, seconds(k, f, v, law, first + (1.0 - first) * u, 1), k[fixed.HORIZON])
        s[s[at.SWITCH] + regime] = max(until, now)
