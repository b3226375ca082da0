"""Types of the values of a scenario file: how each is read and refused, and the base class of its mappings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.scenario import quantities as q
from sim.scenario.errors import Faults, did_you_mean, fault, found, unknown_key
from sim.scenario.resolved import DutyWindow
from sim.scenario.units import day_of, duty_of, timezone_of

T = TypeVar("T")


class _Bad:
    """Stands for a value that was refused, so that the rest of the file can still be checked."""

    def __repr__(self) -> str:
        return "BAD"


BAD: Any = _Bad()


class Model(BaseModel):
    """A mapping with known keys."""

    # Built when a scenario is first read, all together: one by one as they are defined, they take twice as long.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _spare(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        if value is None:
            raise refused(fault("expected a value, found nothing"))
        return value if value is BAD else handler(value)

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        if value is BAD:
            return BAD
        if not isinstance(value, dict | cls):
            raise refused(fault(f"expected a mapping, found {found(value)}"))
        return handler(value)


def key(meaning: str, example: str, *, otherwise: str | None = None, **more: Any) -> Any:
    """A key of a mapping. `example`: a value, as YAML. `otherwise`: in words or as a value, what holds where the key is
    left out; None for a key that must be given. `more`: as in pydantic's Field."""
    return Field(description=meaning, json_schema_extra={"example": example, "otherwise": otherwise}, **more)


def leaf(parse: Callable[[Any], T]) -> PlainValidator:
    """A value that `parse` makes; what it finds wrong is told with its place in the file."""

    def validate(value: object) -> T:
        """As pydantic asks for it."""
        try:
            return parse(value)
        except Faults as error:
            raise refused(error) from None

    return PlainValidator(validate)


def short(form: Callable[[Any], Any]) -> BeforeValidator:
    """A short form that is turned into the long one before the model reads it."""

    def rewrite(value: object) -> Any:
        """As pydantic asks for it."""
        try:
            return form(value)
        except Faults as error:
            raise refused(error) from None

    return BeforeValidator(rewrite)


def refused(error: Faults) -> PydanticCustomError:
    """Faults in the form that pydantic carries to the place of the field."""
    return PydanticCustomError("refused", "{text}", {"text": str(error), "faults": error.faults})


def schema(definition: str) -> WithJsonSchema:
    """A reference to a hand-written definition of `sim.scenario.json_schema`."""
    return WithJsonSchema({"definition": definition})


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    hint = "; put it in quotes" if isinstance(value, int | float) else ""
    raise fault(f"expected text, found {found(value)}{hint}")


def _name(value: object) -> str:
    if isinstance(value, str):
        return value
    raise fault(f"expected a name, found {found(value)}")


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise fault(f"expected a list of names, found {found(value)}")
    if not value:
        raise fault("an empty list; expected at least one name")
    for place, name in enumerate(value):
        if not isinstance(name, str):
            raise fault(f"expected a name, found {found(name)}", place)
    return tuple(value)


def _days(value: object) -> tuple[tuple[date, q.Note | None], ...]:
    if not isinstance(value, list):
        raise fault(f"expected a list of dates, found {found(value)}")
    return tuple(q.each(dict(enumerate(value)), lambda day, _: q.noted(day, day_of, "a date")).values())


def _shares(value: object, expected: str = "a mapping from reason to share") -> dict[str, q.Amount]:
    if not isinstance(value, dict):
        raise fault(f"expected {expected}, found {found(value)}")
    if not value:
        raise fault("an empty mapping; expected shares that sum to 1")
    return q.each(value, lambda share, _: q.amount_of(share, q.SHARE))


def _initially(value: object) -> str | dict[str, q.Amount]:
    return value if isinstance(value, str) else _shares(value, "a state, or a mapping from state to share")


def _switches(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise fault(f"expected a mapping from regime to state, found {found(value or None)}")
    return q.each(value, lambda state, _: _name(state))


def _version(value: object) -> int:
    if value == 1 and not isinstance(value, bool | float):
        return 1
    raise fault(f"{found(value)} is no version of the scenario format; expected 1")


@dataclass(frozen=True)
class Counted:
    """How many there were: the smallest and the largest number, or a word. `notes`: where the whole ("") and its ends
    ("min", "max") come from."""

    ends: tuple[int, int] | str
    notes: Mapping[str, q.Note]


def _counted(words: tuple[str, ...] = ()) -> Callable[[Any], Counted]:
    def parse(value: object) -> Counted:
        (ends, notes), note = q.noted(value, lambda inner: _ends(inner, words), "a count of the record")
        return Counted(ends, notes if note is None else {"": note} | notes)

    return parse


def _ends(value: object, words: tuple[str, ...]) -> tuple[tuple[int, int] | str, dict[str, q.Note]]:
    if isinstance(value, str) and words:
        if value in words:
            return value, {}
        raise fault(f"{found(value)} is no count; expected {', '.join(words)}, a whole number or {{min: …, max: …}}")
    if not isinstance(value, dict):
        return (_whole(value), _whole(value)), {}
    wrong = next((key for key in value if key not in {"min", "max"}), None)
    if wrong is not None:
        raise fault(unknown_key(wrong, ("min", "max")), wrong, at_key=True)
    if len(value) < 2:
        raise fault(f"missing key '{'max' if 'min' in value else 'min'}' (the other end of the range)")
    read = q.each(value, lambda end, _: q.noted(end, _whole, "a count of the record"))
    low, high = read["min"][0], read["max"][0]
    if low > high:
        raise fault(f"min ({low}) is larger than max ({high})", "min")
    return (low, high), {key: note for key, (_, note) in read.items() if note is not None}


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
        raise fault(f"{found(value)} is not a count; expected a whole number of at least 0")
    return value


def _delay_counts(value: object) -> str:
    if value in ("duty", "calendar"):
        return str(value)
    hint = did_you_mean(value, ("duty", "calendar")) if isinstance(value, str) else ""
    raise fault(f"{found(value)} is nothing that a delay counts{hint or '; expected duty or calendar'}")


def _state_word(value: object) -> str:
    if value in ("open", "shut"):
        return str(value)
    raise fault(f"{found(value)} is no state of a spell; expected open or shut")


Text = Annotated[str, leaf(_text), WithJsonSchema({"type": "string"})]
Name = Annotated[str, leaf(_name), WithJsonSchema({"type": "string"})]
Names = Annotated[tuple[str, ...], leaf(_names), schema("Names")]
Timezone = Annotated[str, leaf(timezone_of), WithJsonSchema({"type": "string"})]
DateValue = Annotated[q.Date, leaf(q.date_of), schema("Date")]
Days = Annotated[tuple[Any, ...], leaf(_days), schema("Days")]
Duty = Annotated[tuple[DutyWindow, ...] | None, leaf(duty_of), schema("Duty")]
Probability = Annotated[q.Amount, leaf(lambda v: q.amount_of(v, q.PROBABILITY)), schema("Probability")]
OddsFactor = Annotated[q.Amount, leaf(lambda v: q.amount_of(v, q.ODDS_FACTOR)), schema("OddsFactor")]
Observed = Annotated[q.Amount, leaf(lambda v: q.amount_of(v, q.OBSERVED)), schema("Duration")]
Lasting = Annotated[q.Amount, leaf(lambda v: q.amount_of(v, q.LASTING)), schema("Duration")]
Waiting = Annotated[q.Amount, leaf(lambda v: q.amount_of(v, q.DURATION)), schema("Duration")]
Count = Annotated[q.Amount, leaf(lambda v: q.amount_of(v, q.COUNT)), schema("Count")]
Distribution = Annotated[q.Spec, leaf(q.distribution_of), schema("Distribution")]
Interval = Annotated[q.Spec, leaf(q.interval_of), schema("Distribution")]
Parameter = Annotated[q.Amount, leaf(q.parameter_of), schema("Parameter")]
Shares = Annotated[dict[str, q.Amount], leaf(_shares), schema("Shares")]
Initially = Annotated[str | dict[str, q.Amount], leaf(_initially), schema("Initially")]
Switches = Annotated[dict[str, str], leaf(_switches), schema("Switches")]
Attempts = Annotated[Counted, leaf(_counted()), schema("CountRange")]
Answered = Annotated[Counted, leaf(_counted(("all", "none"))), schema("Answered")]
DelayCounts = Annotated[str, leaf(_delay_counts), WithJsonSchema({"enum": ["duty", "calendar"]})]
SpellState = Annotated[str, leaf(_state_word), WithJsonSchema({"enum": ["open", "shut"]})]
SourceDate = Annotated[str, leaf(q.source_date), schema("SourceDate")]
Version = Annotated[int, leaf(_version), WithJsonSchema({"const": 1})]
