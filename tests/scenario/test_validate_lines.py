"""Lines that wait for each other."""

from __future__ import annotations

from sim import engines
from sim.scenario import loads
from sim.scenario.compiler import compile_scenario
from tests.scenario.language import SMALL, refusals


def lines(**extra: str) -> str:
    """The small scenario with one line for each keyword, that line's extra keys being its value."""
    entry = "{{caller: ann, callee: bob, channel: phone, every: 1 d, answer: 0.1, delay: 1 h, {}}}"
    return SMALL + "".join(f"  {name}: {entry.format(keys)}\n" for name, keys in extra.items())


def after(kind: str, name: str) -> str:
    return f"starts: {{after: {{{kind}: {name}}}}}"


def warned(text: str) -> tuple[str, ...]:
    return loads(text, "f.yaml").warnings


def test_a_circle_of_starts_is_told_once_at_the_line_declared_first() -> None:
    text = lines(a=after("contact", "b"), b=after("unanswered", "c"), c=after("contact", "a"))
    (warning,) = warned(text)
    assert warning.startswith("f.yaml:12:")
    assert warning.endswith("no request can ever begin: 'a' waits for 'b' waits for 'c' waits for 'a'")


def test_two_circles_are_two_warnings() -> None:
    text = lines(a=after("contact", "b"), b=after("contact", "a"), c=after("contact", "d"), d=after("contact", "c"))
    assert len(warned(text)) == 2


def test_a_line_behind_a_circle_is_not_told_again() -> None:
    text = lines(a=after("contact", "b"), b=after("contact", "a"), c=after("contact", "a"))
    assert len(warned(text)) == 1


def test_a_line_that_never_begins_makes_no_attempt() -> None:
    text = lines(a=after("contact", "b"), b=after("contact", "a"), c="triggered_by: {gave_up: c}")
    batch = engines.get("reference").simulate(compile_scenario(loads(text)), 1, range(5))
    assert batch.attempts[1:].tolist() == [0, 0, 0]
    assert batch.attempts[0] > 0


def test_a_group_with_one_line_that_begins_is_enough() -> None:
    text = lines(a=after("contact", "g"), b=after("contact", "a")) + "report: {groups: {g: [b, call]}}\n"
    scenario = loads(text)
    assert scenario.lines[1].starts is not None
    assert scenario.lines[1].starts.after is not None
    assert scenario.lines[1].starts.after.lines == ("call", "b")


def test_a_group_that_is_the_line_alone_is_the_line_itself() -> None:
    (warning,) = warned(lines(a=after("contact", "g")) + "report: {groups: {g: [a]}}\n")
    assert warning.endswith("no request can ever begin: 'a' waits for 'a'")


def test_a_line_that_never_gives_up_triggers_nothing() -> None:
    (warning,) = warned(lines(a="triggered_by: {gave_up: call}"))
    assert "'call' never gives up: it has neither 'give_up' nor 'attempts'" in warning
    assert loads(lines(a="triggered_by: {gave_up: b}", b="attempts: 3")).lines[1].trigger is not None


def test_a_dangling_trigger_is_one_error() -> None:
    (error,) = refusals(lines(a="triggered_by: {gave_up: bee}", b="give_up: 1 d"))
    assert "'bee' is no line" in error
