"""The random scenarios are worth their name: they contain every construct, and everything happens in them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from tests.strategies import EXAMPLES, scenarios
from tests.support import trace

LOG_ENTRIES = {
    *("state", "event", "request", "merged", "attempt", "contact", "call ends", "gave up", "superseded"),
    *("attempt: answered", "attempt: busy", "attempt: declined"),
}
KEYS = {
    *("regimes", "initially", "lasts", "odds_factor", "switches", "effect", "plus", "every", "starts", "wait", "after"),
    *("event", "contact", "unanswered", "gave_up", "count", "triggered_by", "until", "give_up", "attempts", "call"),
    *("on_unanswered", "on_contact", "half_life", "affects", "opens", "closes", "outages", "duty", "holidays", "level"),
    *("prior", "parameter", "value", "exponential", "uniform", "triangular", "pert", "lognormal", "weibull", "gamma"),
    *("loglogistic", "empirical", "scipy", "beta"),
}


def keys_of(node: object) -> set[str]:
    """All keys of a nested mapping, names among them."""
    if isinstance(node, dict):
        return set(node) | {key for value in node.values() for key in keys_of(value)}
    return {key for value in node for key in keys_of(value)} if isinstance(node, list) else set()


def test_random_scenarios_cover_the_language_and_the_semantics() -> None:
    written: set[str] = set()
    happened: set[str] = set()

    @settings(EXAMPLES, max_examples=60)
    @given(scenarios())
    def look(human: dict[str, Any]) -> None:
        written.update(keys_of(human))
        for h in trace(human, 1).log_entries:
            happened.add(h.what)
            if h.what == "attempt":
                happened.add(f"attempt: {h.detail['result']}")

    look()
    assert written >= KEYS
    assert happened >= LOG_ENTRIES
