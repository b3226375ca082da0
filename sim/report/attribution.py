"""What lines and channels are worth, in sentences and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.format import duration, listing, share
from sim.report.outcomes import (
    amount,
    change,
    column_words,
    end_words,
    heading,
    opposite,
    short_outcome,
    tells,
    value,
    with_interval,
)
from sim.report.tables import put, table, text, title, wrapped
from sim.stats.attribution import Attribution, Redundancy, Worth
from sim.stats.outcomes import Outcome

if TYPE_CHECKING:
    from rich.console import Console

KINDS = {"channel": "channel", "line": "line"}
NOBODY = "the loss of no {kind} can be told from none"


def sentences(found: Attribution) -> list[str]:
    """The answer: what it is now, whose loss costs most, who is credited, and what a common cause costs."""
    column = found.columns[0]
    contact, wait = Outcome(column, found.by), Outcome(column)
    losses = [_loss(found, kind, contact, wait) for kind in KINDS if found.of(kind, wait)]
    said = (_as_is(found, contact, wait), *losses, _credit(found, wait), _price(found))
    return [one for one in said if one]


def _as_is(found: Attribution, contact: Outcome, wait: Outcome) -> str:
    here, long = (found.of("line", outcome)[0].with_it for outcome in (contact, wait))
    return (
        f"With everything in place, {column_words(contact.column)} has contact {end_words(found.by, found.asked)} in "
        f"{with_interval(contact, here)} of the replications, after a mean wait of {with_interval(wait, long)}."
    )


def _loss(found: Attribution, kind: str, contact: Outcome, wait: Outcome) -> str:
    ranked = sorted(found.of(kind, wait), key=lambda one: -(one.loss.estimate or 0.0))
    most = ranked[0]
    if (most.loss.low or 0.0) <= 0:
        return f"Of the mean wait, {NOBODY.format(kind=kind)}."
    same = next(one for one in found.of(kind, contact) if one.name == most.name)
    rarer = amount(contact, opposite(same.loss), "more likely", "less likely")
    less = f", and contact {end_words(found.by, found.asked)} {rarer}" if tells(same.loss) else ""
    longer = amount(wait, most.loss, "longer", "shorter")
    said = f"The {kind} whose loss costs most is {most.name}: without it the mean wait is {longer}{less}."
    if len(ranked) == 1:
        return said
    return f"{said} Next comes {ranked[1].name} ({amount(wait, ranked[1].loss, 'longer', 'shorter')})."


def _credit(found: Attribution, wait: Outcome) -> str:
    """Whose part in the time that contact saves is largest, over all orders of joining."""
    kind = next((kind for kind in KINDS if kind in found.shapley_replications), None)
    if kind is None:
        return ""
    values = {one.name: one.shapley for one in found.of(kind, wait) if one.shapley is not None}
    shares = {name: one.estimate or 0.0 for name, one in values.items()}
    whole = sum(shares.values())
    if whole <= 0:
        return ""
    ranked = sorted(shares.items(), key=lambda one: -one[1])
    parts = [(name, part) for name, part in ranked if tells(values[name])][:3]
    if not parts:
        return f"Of the time that contact saves, no {kind}'s part can be told from none (Shapley)."
    told = listing([f"{name} {share(min(1.0, max(0.0, part / whole)), 0)}" for name, part in parts if part > 0])
    return f"Of the time that contact saves, each {kind}'s part over all orders of joining (Shapley): {told}."


def _price(found: Attribution) -> str:
    """The largest price of a common cause that can be told from none."""
    told = [one for one in found.redundancy if tells(one.price)]
    if not told:
        return _no_price(found)
    one = max(told, key=lambda row: abs(row.price.estimate or 0.0))
    contact = Outcome(one.column, one.by)
    both = [value(contact, part.estimate or 0.0) for part in (one.simulated, one.independent)]
    end = end_words(one.by, found.asked)
    word = "costs" if (one.price.estimate or 0.0) > 0 else "makes up for"
    return (
        f"What {_whose(one)} have in common {word} most {end}: contact in {both[0]} instead "
        f"of the {both[1]} of independent lines, {amount(contact, opposite(one.price), 'more', 'less')}."
    )


def _no_price(found: Attribution) -> str:
    """That no price was seen, and how large one may have gone unseen: silence is no evidence of independence."""
    if not found.redundancy:
        return ""
    widest = max(found.redundancy, key=lambda one: (one.price.high or 0.0) - (one.price.low or 0.0))
    told = f"{change(Outcome(widest.column, widest.by), widest.price)}, {end_words(widest.by, found.asked)}"
    return f"No price of a common cause can be told from none; the widest interval is that of {_whose(widest)}: {told}."


def _whose(one: Redundancy) -> str:
    return f"the lines of {column_words(one.column)}"


def show(found: Attribution, target: Console) -> None:
    """Print all of it."""
    lines = heading(found.asked, "What is each line and channel worth?", each="with and without it")
    for at, line in enumerate(lines):
        put(target, text(line, "" if at else "bold"))
    put(target, title("In short"))
    for sentence in sentences(found):
        put(target, text(wrapped(sentence, target.width)))
    for column in found.columns:
        for kind in KINDS:
            _worths(found, kind, column, target)
    _redundancy(found, target)
    put(target, title("How to read it"))
    for note in _notes(found):
        put(target, text(wrapped(note, target.width), "dim"))


def _worths(found: Attribution, kind: str, column: str, target: Console) -> None:
    contact, wait = Outcome(column, found.by), Outcome(column)
    pairs = list(zip(found.of(kind, contact), found.of(kind, wait), strict=True))
    shown = [(one, long) for one, long in pairs if one.changed or long.changed or _value(one) or _value(long)]
    shown.sort(key=lambda pair: (-(pair[1].loss.estimate or 0.0), -_value(pair[1])))
    put(target, title(f"Without each {kind}: {column_words(column)}"))
    short = short_outcome(contact, found.asked)
    head = [kind, f"{short}, without", "change", "mean wait, without", "change"]
    if kind in found.shapley_replications:
        head += ["Shapley: contact", "Shapley: time saved"]
    for part in table(head, [_row(one, long, len(head)) for one, long in shown], target.width):
        put(target, part)
    rest = [one.name for one, _ in pairs if one.name not in {row.name for row, _ in shown}]
    if rest:
        put(target, text(wrapped(f"no part in it: {', '.join(rest)}", target.width), "dim"))


def _value(one: Worth) -> float:
    return 0.0 if one.shapley is None else one.shapley.estimate or 0.0


def _row(one: Worth, long: Worth, width: int) -> Sequence[str]:
    contact, wait = one.outcome, long.outcome
    values = [
        "–" if each.shapley is None else with_interval(each.outcome, each.shapley) for each in (one, long)[: width - 5]
    ]
    return [
        one.name,
        value(contact, one.without.estimate or 0.0),
        change(contact, opposite(one.loss)),
        value(wait, long.without.estimate or 0.0),
        change(wait, long.loss),
        *values,
    ]


def _redundancy(found: Attribution, target: Console) -> None:
    if not found.redundancy:
        return
    put(target, title("The price of a common cause: contact as simulated, and with independent lines"))
    head = ("", "by", "best line alone", "together", "if independent", "price")
    rows = []
    for one in found.redundancy:
        contact = Outcome(one.column, one.by)
        parts = [with_interval(contact, part) for part in (one.best, one.simulated, one.independent)]
        name = f"{column_words(one.column)} ({one.lines})"
        end = "the end" if one.by == found.asked.horizon else duration(one.by)
        rows.append((name, end, *parts, change(contact, one.price)))
    for part in table(head, rows, target.width):
        put(target, part)


def _notes(found: Attribution) -> list[str]:
    notes = [
        "Without: its attempts are never made, and nothing that waits for it happens. All else keeps its chances: the "
        "differences are paired by replication.",
    ]
    if found.shapley_replications:
        size = min(found.shapley_replications.values())
        fewer = "" if size == found.asked.replications else f" They are from {size:,} replications."
        notes.append(
            "Shapley: what it adds on average over all orders in which lines (or channels) could be put in place; the "
            "values add up to the whole. Time saved is against silence until the end. Two that stand in for each other "
            f"are worth nothing one by one, and share the credit here.{fewer}"
        )
    missing = [f"{kind}s" for kind in KINDS if kind not in found.shapley_replications]
    if missing:
        notes.append(f"There are too many {listing(missing)} for Shapley values; at most ten are taken.")
    return notes
