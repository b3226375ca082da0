"""Report of an attribution: outcomes without each line and channel, Shapley values, and lost redundancy."""

from __future__ import annotations

from sim.report.document import Report, Row, Section, Table, Words
from sim.report.format import NOTHING, Cell, count, duration, listing, share
from sim.report.labels import short_label
from sim.report.outcomes import (
    amount,
    change,
    end_words,
    estimate,
    is_clear,
    opposite,
    short_outcome,
    study_report,
    value,
)
from sim.stats.attribution import Attribution, Contribution, Redundancy
from sim.stats.outcomes import Outcome

KINDS = ("channel", "line")


def sentences(found: Attribution) -> list[str]:
    """The answer: the outcome as it is, whose loss costs most, the largest Shapley values, and lost redundancy."""
    column = found.columns[0]
    contact, wait = Outcome(column, found.by), Outcome(column)
    losses = [_loss(found, kind, contact, wait) for kind in KINDS if found.of(kind, wait)]
    said = (_as_is(found, contact, wait), *losses, _credit(found, wait), _lost_redundancy(found))
    return [one for one in said if one]


def _as_is(found: Attribution, contact: Outcome, wait: Outcome) -> str:
    here, long = (found.of("line", outcome)[0].with_it for outcome in (contact, wait))
    return (
        f"With everything in place, {short_label(contact.column)} has contact {end_words(found.by, found.spec)} in "
        f"{estimate(contact, here)} of the replications, after a mean wait of {estimate(wait, long)}."
    )


def _loss(found: Attribution, kind: str, contact: Outcome, wait: Outcome) -> str:
    ranked = sorted(found.of(kind, wait), key=lambda one: -(one.loss.estimate or 0.0))
    most = ranked[0]
    if (most.loss.low or 0.0) <= 0:
        return f"The loss of a single {kind} makes no clear difference to the mean wait."
    same = next(one for one in found.of(kind, contact) if one.name == most.name)
    rarer = amount(contact, opposite(same.loss), "more likely", "less likely")
    less = f", and contact {end_words(found.by, found.spec)} {rarer}" if is_clear(same.loss) else ""
    longer = amount(wait, most.loss, "longer", "shorter")
    said = f"The {kind} whose loss costs most is {most.name}: without it the mean wait is {longer}{less}."
    if len(ranked) == 1:
        return said
    return f"{said} Next comes {ranked[1].name} ({amount(wait, ranked[1].loss, 'longer', 'shorter')})."


def _credit(found: Attribution, wait: Outcome) -> str:
    """The largest Shapley values of the time that contact saves."""
    kind = next((kind for kind in KINDS if kind in found.shapley_replications), None)
    if kind is None:
        return ""
    values = {one.name: one.shapley for one in found.of(kind, wait) if one.shapley is not None}
    parts = {name: one.estimate or 0.0 for name, one in values.items()}
    whole = sum(parts.values())
    if whole <= 0:
        return ""
    ranked = sorted(parts.items(), key=lambda one: -one[1])
    clear = [(name, part) for name, part in ranked if is_clear(values[name])][:3]
    if not clear:
        return f"No {kind} has a Shapley value of the time saved that is clearly above zero."
    told = listing([f"{name} {share(min(1.0, max(0.0, part / whole)), 0)}" for name, part in clear if part > 0])
    return f"Of the time that contact saves, the largest Shapley values by {kind} are: {told}."


def _lost_redundancy(found: Attribution) -> str:
    """The largest loss of redundancy by a common cause that is clear; else how large one may have gone unseen."""
    if not found.redundancy:
        return ""
    clear = [one for one in found.redundancy if is_clear(one.loss)]
    if not clear:
        widest = max(found.redundancy, key=lambda one: (one.loss.high or 0.0) - (one.loss.low or 0.0))
        told = f"{change(Outcome(widest.column, widest.by), widest.loss)}, {end_words(widest.by, found.spec)}"
        return (
            f"Common causes make no clear difference; the widest interval is that of {_whose(widest)}: {told}.".replace(
                " points", " percentage points"
            )
        )
    one = max(clear, key=lambda row: abs(row.loss.estimate or 0.0))
    contact = Outcome(one.column, one.by)
    both = [value(contact, part.estimate) for part in (one.simulated, one.independent)]
    word = "costs" if (one.loss.estimate or 0.0) > 0 else "gains"
    return (
        f"That {_whose(one)} depend on common causes {word} most {end_words(one.by, found.spec)}: contact in "
        f"{both[0]} instead of the {both[1]} of independent lines, "
        f"{amount(contact, opposite(one.loss), 'more', 'less')}."
    )


def _whose(one: Redundancy) -> str:
    return f"the lines of {short_label(one.column)}"


def attribution_report(found: Attribution) -> Report:
    """All of it."""
    tables = (
        *(table for column in found.columns for kind in KINDS for table in _tables(found, kind, column)),
        *([_redundancy(found)] if found.redundancy else []),
    )
    notes = tuple(Words(note, quiet=True) for note in _notes(found))
    sections = (Section("tables", "", tables), Section("notes", "How to read it", notes))
    question = "How much does each line and channel contribute?"
    return study_report("an attribution", found.spec, question, "with and without it", sentences(found), sections)


def _tables(found: Attribution, kind: str, column: str) -> list[Table]:
    """The outcomes without each line, or channel; and the Shapley values of those that have any part."""
    contact, wait = Outcome(column, found.by), Outcome(column)
    pairs = list(zip(found.of(kind, contact), found.of(kind, wait), strict=True))
    shown = [(one, long) for one, long in pairs if one.changed or long.changed or _shapley(one) or _shapley(long)]
    shown.sort(key=lambda pair: (-(pair[1].loss.estimate or 0.0), -_shapley(pair[1])))
    names = {one.name for one, _ in shown}
    rest = [one.name for one, _ in pairs if one.name not in names]
    note = f"No part in it: {', '.join(rest)}." if rest else ""
    head = (kind, f"{short_outcome(contact, found.spec)}, without", "change", "mean wait, without", "change")
    losses = tuple(_row(one, long) for one, long in shown)
    tables = [Table(f"Without each {kind}: {short_label(column)}", head, losses, note=note)]
    if kind in found.shapley_replications and shown:
        values = tuple((one.name, *map(_value, (one, long))) for one, long in shown)
        caption = f"Shapley values by {kind}: {short_label(column)}"
        tables.append(Table(caption, (kind, short_outcome(contact, found.spec), "time saved"), values))
    return tables


def _shapley(one: Contribution) -> float:
    return 0.0 if one.shapley is None else one.shapley.estimate or 0.0


def _value(one: Contribution) -> str | Cell:
    return NOTHING if one.shapley is None else estimate(one.outcome, one.shapley)


def _row(one: Contribution, long: Contribution) -> Row:
    return (
        one.name,
        value(one.outcome, one.without.estimate),
        change(one.outcome, opposite(one.loss)),
        value(long.outcome, long.without.estimate),
        change(long.outcome, long.loss),
    )


def _redundancy(found: Attribution) -> Table:
    rows: list[Row] = []
    for one in found.redundancy:
        contact = Outcome(one.column, one.by)
        parts = [estimate(contact, part) for part in (one.best, one.simulated, one.independent)]
        end = "the end" if one.by == found.spec.horizon else duration(one.by)
        rows.append((f"{short_label(one.column)} ({one.lines})", end, *parts, change(contact, one.loss)))
    head = ("", "by", "best line alone", "together", "if independent", "loss")
    return Table(
        "Loss of redundancy by common causes: contact with the lines as they are, and independent", head, tuple(rows)
    )


def _notes(found: Attribution) -> list[str]:
    notes = [
        "Without: its attempts are never made, and nothing that waits for it happens. All else keeps its random "
        "numbers; the differences are paired by replication. Points are percentage points.",
    ]
    if found.shapley_replications:
        size = min(found.shapley_replications.values())
        fewer = "" if size == found.spec.replications else f" They are from {count(size)} replications."
        notes.append(
            "Shapley: what it adds on average over all orders in which lines (or channels) could be put in place; the "
            "values add up to the whole. Time saved is against silence until the end. Two that can replace each other "
            f"cost nothing when one is lost, and share the credit here.{fewer}"
        )
    missing = [f"{kind}s" for kind in KINDS if kind not in found.shapley_replications]
    if missing:
        notes.append(f"There are too many {listing(missing)} for Shapley values; at most ten are taken.")
    return notes
