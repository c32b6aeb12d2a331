"""The nouns: registries, capabilities, claims and what supports them.

Records are immutable and know nothing of YAML, HTML or files.
A record is built from plain text values (`str`, `list`, `dict`), as a contributor wrote them, and either
comes out typed or raises `pydantic.ValidationError` with the place of every fault.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import core_schema

# ---------------------------------------------------------------- vocabulary


class Status(StrEnum):
    """What a registry does about a capability; `data/model.yaml` holds the words for readers."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    PLANNED = "planned"
    DECLINED = "declined"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class EvidenceKind(StrEnum):
    """What sort of text supports a claim."""

    DOCS = "docs"
    POLICY = "policy"
    SPEC = "spec"
    CODE = "code"
    ANNOUNCEMENT = "announcement"
    AUDIT = "audit"
    REPORT = "report"


class Packages(StrEnum):
    """What a registry takes in."""

    BUILT = "built"
    BUILDS = "builds"
    SOURCE = "source"


# -------------------------------------------------------------------- values


class PartialDate(str):
    """A date as exact as its source: `2023`, `2023-04` or `2023-04-20`.

    Raises `ValueError` where the text is no such date. The text is kept, so the precision is kept too.
    """

    _FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

    def __new__(cls, text: str) -> PartialDate:
        match = cls._FORM.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is no date; write 2023, 2023-04 or 2023-04-20")
        year, month, day = match.groups()
        try:
            date(int(year), int(month or 1), int(day or 1))
        except ValueError:
            raise ValueError(f"{text!r} is not in the calendar; write a day that exists") from None
        return super().__new__(cls, text)

    @property
    def precision(self) -> Literal["year", "month", "day"]:
        return {4: "year", 7: "month", 10: "day"}[len(self)]  # type: ignore[return-value]

    @property
    def earliest(self) -> date:
        """The first day that the text can mean."""
        return date.fromisoformat((self + "-01-01")[:10])

    @property
    def latest(self) -> date:
        """The last day that the text can mean."""
        first = self.earliest
        month = 12 if self.precision == "year" else first.month
        return first if self.precision == "day" else date(first.year, month, monthrange(first.year, month)[1])

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict:
        text = {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
        # To editors a bare year is a number; published it is text.
        return {"anyOf": [text, {"type": "integer"}]} if handler.mode == "validation" else text


def _yes_or_no(value: Any) -> Any:
    if value in ("yes", "no"):
        return value == "yes"
    raise ValueError(f"{value!r} is neither yes nor no; write one of these two words, in lower case")


def _day(value: Any) -> Any:
    try:
        whole = PartialDate(value).precision == "day"
    except (TypeError, ValueError):
        whole = False
    if not whole:
        parts = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", str(value))
        meant = "-".join(part.zfill(2) for part in parts.groups()) if parts else ""
        raise ValueError(f"{value!r} names no day of the calendar; write it as {meant if meant != value and meant else '2026-04-20'}")
    return value


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", value):
        raise ValueError(f"{value!r} is no https address; link the https page that was read")
    return value


def _contact(value: str) -> str:
    if "@" in value and re.fullmatch(r"[^\s@/]+@[^\s@/]+\.[^\s@/]+", value):
        return value
    if value.startswith("https://"):
        return _https(value)
    raise ValueError(f"{value!r} is neither a mail address nor an https address; write one of them")


ID_PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def _id(value: str) -> str:
    if not re.fullmatch(ID_PATTERN, value):
        meant = re.sub(r"[\s_]+", "-", value.lower())
        hint = f"did you mean {meant!r}?" if re.fullmatch(ID_PATTERN, meant) else "use lower-case letters, digits and single hyphens"
        raise ValueError(f"{value!r} is no id; {hint}")
    return value


Id = Annotated[str, AfterValidator(_id), Field(json_schema_extra={"pattern": f"^{ID_PATTERN}$"})]
# Facts are plain text; what looks like an element of HTML is none of them.
_PLAIN = r"^(?:[^<]|<(?![A-Za-z/!?]))*$"


def _plain(value: str) -> str:
    if not re.fullmatch(_PLAIN, value):
        tag = re.search(r"<[A-Za-z/!?][^>]*>?", value)
        raise ValueError(f"the text holds HTML, {tag[0]!r}; write plain text" if tag else "the text holds HTML; write plain text")
    return value


Text = Annotated[str, AfterValidator(_plain), Field(min_length=1, json_schema_extra={"pattern": _PLAIN})]
Url = Annotated[str, AfterValidator(_https), Field(json_schema_extra={"pattern": "^https://"})]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no, json_schema_input_type=Literal["yes", "no"])]
Day = Annotated[date, BeforeValidator(_day)]

_DURATION = re.compile(r"(\d+) (second|minute|hour|day|week|month|year)s?")
_DURATION_ISO = {"second": "PT{}S", "minute": "PT{}M", "hour": "PT{}H", "day": "P{}D", "week": "P{}W", "month": "P{}M", "year": "P{}Y"}


class Duration(str):
    """A length of time as people write it, `15 minutes`; `iso` gives `PT15M`. Raises `ValueError`."""

    def __new__(cls, text: str) -> Duration:
        if not _DURATION.fullmatch(text):
            raise ValueError(f"{text!r} is no duration; write a whole number and a unit, as in 15 minutes or 1 hour")
        return super().__new__(cls, text)

    @property
    def iso(self) -> str:
        number, unit = _DURATION.fullmatch(self).groups()  # type: ignore[union-attr]
        return _DURATION_ISO[unit].format(number)


class Record(BaseModel):
    """Base of everything that is read from `data/`: immutable, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


# ------------------------------------------------------------ the vocabulary


class Term(Record):
    """A word of the model with its meaning, as readers see it."""

    id: Id
    name: Text
    meaning: Text


class Traits(Record):
    """What kind of registry it is; decides which capabilities apply."""

    user_accounts: YesNo
    packages: Packages
    note: Text | None = None


class Condition(Record):
    """Trait values of which every one given must hold."""

    user_accounts: list[YesNo] | None = None
    packages: list[Packages] | None = None

    def holds(self, traits: Traits) -> bool:
        return all(
            allowed is None or getattr(traits, name) in allowed
            for name, allowed in ((name, getattr(self, name)) for name in type(self).model_fields)
        )


class Applicability(Record):
    """When a capability applies, and why only then."""

    when: Condition
    reason: Text


class Track(Term):
    """A row of capabilities in the Principles; `applies` is the default for its capabilities."""

    applies: Applicability | None = None


class Model(Record):
    """`data/model.yaml`: every word of the vocabulary, defined once."""

    tracks: list[Track]
    levels: list[Term]
    statuses: list[Term]
    evidence_kinds: list[Term]
    packages: list[Term]

    def term(self, group: str, id: str) -> Term:
        """The term with this id in `tracks`, `levels`, `statuses`, `evidence_kinds` or `packages`; `KeyError` if none."""
        wanted = str(id)
        for term in getattr(self, group):
            if term.id == wanted:
                return term
        raise KeyError(id)


# -------------------------------------------------------------- capabilities


class ColumnType(StrEnum):
    TEXT = "text"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    LIST = "list"
    DURATION = "duration"


DetailValue = str | bool | Duration | tuple[str, ...]


class Column(Record):
    """A detail that only this capability has: its name, its type and how to fill it."""

    id: Id
    name: Text
    type: ColumnType
    help: Text
    choices: dict[Id, Text] | None = None
    shown_by: EvidenceKind | None = None

    @model_validator(mode="after")
    def _choices_where_needed(self) -> Column:
        if (self.choices is not None) != (self.type in (ColumnType.CHOICE, ColumnType.CHOICES)):
            raise ValueError("choices belong to columns of type choice or choices, and only to them")
        if self.shown_by and self.type is not ColumnType.BOOLEAN:
            raise ValueError("shown_by belongs to columns of type boolean; it names the evidence that a yes must cite")
        return self

    def parse(self, raw: str | list[str]) -> DetailValue:
        """The typed value of what a contributor wrote. Raises `ValueError` with what to write instead."""
        if self.type in (ColumnType.LIST, ColumnType.CHOICES):
            if not isinstance(raw, list):
                raise ValueError(f"{self.id} takes a list, as in [first, second]")
            if len(set(raw)) != len(raw):
                raise ValueError(f"{self.id} names something twice")
            return tuple(self._choice(item) if self.type == ColumnType.CHOICES else item for item in raw)
        if isinstance(raw, list):
            raise ValueError(f"{self.id} takes a single value, not a list")
        if self.type == ColumnType.BOOLEAN:
            return _yes_or_no(raw)
        if self.type == ColumnType.DURATION:
            return Duration(raw)
        return self._choice(raw) if self.type == ColumnType.CHOICE else raw

    def _choice(self, raw: str) -> str:
        if raw not in (self.choices or {}):
            meant = next((id for id, name in (self.choices or {}).items() if raw.lower() in (id, name.lower())), None)
            raise ValueError(f"{raw!r} is no choice of {self.id}; write {meant or ' or '.join(self.choices or {})}")
        return raw


class Effort(Record):
    """How much work a capability is, roughly, and why."""

    size: Literal["small", "medium", "large"]
    reason: Text


class Capability(Record):
    """What a registry can do for security, and how to tell that it does."""

    id: Id
    name: Text
    track: Id
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    statement: Text
    why: Text
    verify: Text
    applies: Applicability | None = None
    requires: list[Id] = []
    effort: Effort
    guidance: Id | None = None
    details: list[Column] = []
    supported_needs: dict[Id, Annotated[list[str], Field(min_length=1)]] = {}

    @model_validator(mode="after")
    def _columns_differ(self) -> Capability:
        ids = [column.id for column in self.details]
        if len(set(ids)) != len(ids):
            raise ValueError("two detail columns have the same id; give each its own")
        return self

    @model_validator(mode="after")
    def _needs_fit_their_columns(self) -> Capability:
        columns = {column.id: column for column in self.details}
        for id, values in self.supported_needs.items():
            if id not in columns:
                raise ValueError(f"supported_needs names {id!r}, which is no column here; name one of details")
            for value in [values] if columns[id].type in (ColumnType.LIST, ColumnType.CHOICES) else values:
                columns[id].parse(value)
        return self

    def missing_for_support(self, column: Column, raw: str | list[str]) -> list[str]:
        """What `supported_needs` asks of this column and the value, as it was written, does not give; empty where all is well.

        A single value must be one of those named; a list must hold all of them.
        """
        needed = self.supported_needs.get(column.id, [])
        if isinstance(raw, list):
            return [value for value in needed if value not in raw]
        return [] if raw in needed else needed


# -------------------------------------------------------- registries, claims


class Evidence(Record):
    """A text that somebody read, and when."""

    url: Url
    title: Text
    kind: EvidenceKind
    published: PartialDate | None = None
    checked: Day


# Where nothing may be said without showing who says it.
Sources = Annotated[list[Evidence], Field(min_length=1)]


def _bare_value(raw: Any) -> Any:
    return raw if isinstance(raw, Mapping) else {"value": raw}


class Detail(Record):
    """One value of a claim's own columns, as it was written, with an optional remark."""

    value: Text | list[Text]
    note: Text | None = None


RawDetail = Annotated[Detail, BeforeValidator(_bare_value, json_schema_input_type=Text | list[Text] | Detail)]


class PastState(Record):
    """What held before: from `since` until the day before `until`."""

    status: Status
    since: PartialDate | None = None
    until: PartialDate | None = None
    summary: Text
    evidence: list[Evidence]


class Upcoming(Record):
    """A change that is announced for a date."""

    date: PartialDate
    summary: Text
    evidence: Sources


class Hindsight(Record):
    """What those who built it would do otherwise today."""

    summary: Text
    evidence: Sources


class Claim(Record):
    """What one registry does about one capability, and the proof."""

    status: Status
    since: PartialDate | None = None
    summary: Text
    note: Text | None = None
    details: dict[Id, RawDetail] = {}
    evidence: list[Evidence] = []
    history: list[PastState] = []
    upcoming: list[Upcoming] = []
    hindsight: list[Hindsight] = []


class SecurityContact(Record):
    """Where a vulnerability of the registry itself is reported, in private: `to` is a mail address or an https address."""

    to: Annotated[str, AfterValidator(_contact), Field(json_schema_extra={"pattern": "^(https://|[^ @]+@)"})]
    note: Text | None = None
    evidence: Sources


class Registry(Record):
    """A package registry, its traits and its claims by capability id; `policies` are the rules that it publishes."""

    id: Id
    name: Text
    ecosystem: Text
    operator: Text
    url: Url
    client: Text
    description: Text
    traits: Traits
    security_contact: SecurityContact | None = None
    policies: list[Evidence] = []
    claims: dict[Id, Claim]


# ------------------------------------------------- the working group's reports


class ReportItem(Record):
    """One line of a quarterly report, in our words."""

    text: Text
    url: Url | None = None


class StatusReport(Record):
    """What the working group reported to the Technical Advisory Council for one quarter."""

    id: Annotated[str, Field(pattern=r"^\d{4}-q[1-4]$")]
    title: Text
    evidence: list[Evidence]
    landed: list[ReportItem]
    next: list[ReportItem] = []
    questions: list[ReportItem] = []
    note: Text | None = None


# -------------------------------------------------------- threats, incidents


class Moment(str):
    """A point in time as exact as its source: a `PartialDate`, or a day with the hour and minute in UTC, `2026-03-24 10:39`.

    Raises `ValueError` where the text is neither.
    """

    _FORM = re.compile(r"(\d{4}-\d{2}-\d{2}) ([01]\d|2[0-3]):[0-5]\d")

    def __new__(cls, text: str) -> Moment:
        match = cls._FORM.fullmatch(text)
        try:
            PartialDate(match[1] if match else text)
        except ValueError as error:
            raise ValueError(f"{str(error).partition(';')[0]}; write 2026, 2026-03, 2026-03-24 or 2026-03-24 10:39, in UTC") from None
        return super().__new__(cls, text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict:
        text = {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2}( \d{2}:\d{2})?)?)?$"}
        return {"anyOf": [text, {"type": "integer"}]} if handler.mode == "validation" else text


class Answer(Record):
    """What a capability does against a threat, and what it leaves."""

    capability: Id
    changes: Text
    remains: Text


class Threat(Record):
    """Something that an attacker, or an accident, does to a registry and to those who depend on it."""

    id: Id
    name: Text
    statement: Text
    answers: list[Answer]


class Control(Record):
    """A capability in the light of one incident."""

    capability: Id
    note: Text


class TimelineEntry(Record):
    """One line of a timeline; `source` is the address of the evidence that says so."""

    at: Moment
    what: Text
    source: Url


class Incident(Record):
    """Something that went wrong in a registry: how, when, and which capability was there or would have changed it.

    `registries` names those on this site, `elsewhere` others by name. `present` were there and did what the note says;
    `missing` would have changed the course. `afterwards` tells what was done about it.
    """

    id: Id
    name: Text
    date: PartialDate
    registries: list[Id]
    elsewhere: list[Text] = []
    threats: list[Id]
    summary: Text
    way_in: Text
    reach: Text | None = None
    timeline: list[TimelineEntry]
    present: list[Control] = []
    missing: list[Control]
    afterwards: list[TimelineEntry] = []
    note: Text | None = None
    evidence: Sources


# ------------------------------------------------------------------- lexicon


class Word(Record):
    """A word with the one meaning that it has on this site; `capability` is what it names, if it is one."""

    id: Id
    word: Text
    meaning: Text
    capability: Id | None = None


class Lexicon(Record):
    """`data/lexicon.yaml`: words that ecosystems use differently."""

    words: list[Word] = []


# ----------------------------------------------------------- old addresses


class Address(Record):
    """An address that was published before, without `.html`, and the page below `docs/` that holds its content now."""

    old: Annotated[str, Field(pattern=r"^[^/.][^.]*[^/.]$")]
    new: Annotated[str, Field(pattern=r"^[a-z0-9/-]+\.md$")]

    @property
    def target(self) -> str:
        """The address of the new page below the site's root."""
        return self.new.removesuffix("index.md") if self.new.endswith("index.md") else self.new.removesuffix(".md") + "/"


class Addresses(Record):
    """`data/addresses.yaml`."""

    addresses: list[Address] = []


# ------------------------------------------------------------------- waivers


class Waiver(Record):
    """An exception from one rule, for one place, with its reason and its last day.

    `at` is the way to the value, as in `registries/npm/yanking/since`; everything below it is waived.
    """

    rule: Id
    at: Annotated[str, Field(pattern=r"^(registries|capabilities|reports|threats|incidents)(/[^/]+)+$")]
    reason: Text
    until: Day

    @property
    def path(self) -> tuple[str | int, ...]:
        """The path to the value as `Dataset.places` has it."""
        group, id, *rest = self.at.split("/")
        claims = ("claims",) if group == "registries" and rest and rest[0] not in Registry.model_fields else ()
        return (group, id, *claims, *(int(step) if step.isdecimal() else step for step in rest))


class Waivers(Record):
    """`data/waivers.yaml`."""

    waivers: list[Waiver] = []


# ---------------------------------------------------------- places, findings


class Place(NamedTuple):
    """Where something stands; line and column count from 1, as editors do."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Finding:
    """A fault, where it is, and how to mend it."""

    place: Place
    fault: str
    remedy: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}; {self.remedy} [{self.rule}]"


# ------------------------------------------------------------------- dataset


@dataclass(frozen=True)
class Dataset:
    """All records of `data/`, by id, with the place of every value.

    `places` is keyed by the file, `("registries", "npm")` or `("lexicon",)`, and then by the path in it: `("claims", "yanking", "status")`.
    `broken` names records, by the same first two steps, whose file could not be read;
    they count as existing, so that one fault is not reported again wherever the record is used.
    `remembered` is for what is asked of the dataset again and again, as records do not change.
    """

    model: Model
    capabilities: Mapping[str, Capability]
    registries: Mapping[str, Registry]
    reports: Mapping[str, StatusReport]
    threats: Mapping[str, Threat]
    incidents: Mapping[str, Incident]
    words: tuple[Word, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    addresses: tuple[Address, ...] = ()
    places: Mapping[tuple, Mapping[tuple, Place]] = field(default_factory=dict, repr=False)
    broken: frozenset[tuple[str, str]] = frozenset()
    remembered: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def place(self, *path: str | int) -> Place:
        """Where the value at this path stands, or the nearest record around it."""
        for file in (path[:2], path[:1]):
            if (inside := self.places.get(file)) is not None:
                rest = path[len(file) :]
                while rest and rest not in inside:
                    rest = rest[:-1]
                return inside.get(rest, Place("data"))
        return Place("data")

    def places_within(self, path: tuple[str | int, ...]) -> set[Place]:
        """The places of the value at this path and of everything in it."""
        file, rest = path[:2], path[2:]
        return {place for inner, place in self.places.get(file, {}).items() if inner[: len(rest)] == rest}

    def known(self, group: str) -> set[str]:
        """The ids in `registries`, `capabilities`, `reports`, `threats` or `incidents`, unreadable ones included."""
        return set(getattr(self, group)) | {id for kind, id in self.broken if kind == group}

    def applicability(self, capability: Capability) -> Applicability | None:
        """When the capability applies: its own condition, or else its track's; `None` means always."""
        tracks = {track.id: track.applies for track in self.model.tracks}
        return capability.applies or tracks.get(capability.track)

    def applies(self, capability: Capability, registry: Registry) -> bool:
        applicability = self.applicability(capability)
        return applicability is None or applicability.when.holds(registry.traits)
