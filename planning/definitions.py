"""What a programme, the agencies, a policy, the contacts, the channels and the day overrides look like; pure shapes.

Reading the files, with line numbers, is in ``planning.yaml_files``; rules that need more than one
file (unknown agency, circular dependency …) are in ``planning.check``.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from models.kinds import Action, ChannelKind, ItemKind, Post, Target

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]+$", max_length=60)]
# as far as the calendars of phrases, holidays and the moon are known
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2100, 12, 31))]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


def _without_zone(hour: object) -> object:
    """Every hour here is Asia/Ho_Chi_Minh's: one with a zone of its own could not be compared with the others."""
    if isinstance(hour, str) and not (len(hour) == 5 and hour[2] == ":"):
        raise PydanticCustomError("time_of_day", "hours and minutes")
    return hour


Hour = Annotated[time, BeforeValidator(_without_zone)]


class Definition(BaseModel):
    """A frozen shape that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ---------------------------------------------------------------- agencies.yaml


class AgencyDefinition(Definition):
    """One body. ``valid_from`` and ``valid_to`` are its first and last day; absent means open."""

    code: Code
    name: Text
    short: Text
    aliases: tuple[Text, ...] = ()
    level: Literal["central", "province", "district", "commune", "village"]
    kind: Literal[
        "state", "ministry", "steering", "party", "council", "executive", "department", "office", "team",
        "division", "public_unit", "mass_org", "armed_forces", "media", "board",
    ]  # fmt: skip
    parent: Code | None = None
    place: Text | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    note: Text | None = None


class MemberDefinition(Definition):
    """One member of a group, possibly only for a time."""

    code: Code
    valid_from: Day | None = None
    valid_to: Day | None = None


class GroupDefinition(Definition):
    """Bodies named together. ``open`` groups are never expanded until someone names their members."""

    code: Code
    name: Text
    aliases: tuple[Text, ...] = ()
    open: bool = False
    members: tuple[Code | MemberDefinition, ...] = ()
    note: Text | None = None

    @property
    def entries(self) -> tuple[MemberDefinition, ...]:
        """The members, each with the time it belongs to the group."""
        return tuple(one if isinstance(one, MemberDefinition) else MemberDefinition(code=one) for one in self.members)


class SuccessorDefinition(Definition):
    """Who took over, and which function, when a body was divided."""

    code: Code
    function: Text | None = None


class SuccessionDefinition(Definition):
    """A rename, merger, division or end; ``on`` is the first day of the new state of things.

    With exactly one successor open duties follow it; with several, or none named, a person decides.
    """

    on: Day
    change: Literal["rename", "merge", "split", "end"]
    source: Annotated[tuple[Code, ...], Field(min_length=1)]
    successors: tuple[SuccessorDefinition, ...] = ()
    basis: Text


class AgenciesDefinition(Definition):
    """The file ``agencies.yaml``."""

    agencies: Annotated[tuple[AgencyDefinition, ...], Field(min_length=1)]
    groups: tuple[GroupDefinition, ...] = ()
    succession: tuple[SuccessionDefinition, ...] = ()


# ---------------------------------------------------------------- a programme


class DocumentDefinition(Definition):
    """The paper. Without number or date of issue it is a draft, unless ``draft`` says that only our copy lacks them."""

    title: Text
    number: Text | None = None
    issued: Day | None = None
    issuer: Code
    source: Text
    signer: Text | None = None
    draft: bool | None = None


class PeriodDefinition(Definition):
    """First and last day the paper speaks for; longer only by a recorded decision."""

    first: Day
    last: Day
    extended_to: Day | None = None
    extended_by: Text | None = None


class BudgetDefinition(Definition):
    """Million VND, by source."""

    central: Annotated[int, Field(ge=0)] = 0
    local: Annotated[int, Field(ge=0)] = 0


class HeadcountPart(Definition):
    """One part of a stated number of people."""

    who: Text
    number: Annotated[int, Field(ge=0)]


class DependencyDefinition(Definition):
    """``item`` must be done before this one. ``proposed`` marks what we inferred and the paper does not say."""

    item: Code
    proposed: bool = False
    why: Text | None = None


class FixedDefinition(Definition):
    """The date an invitation or notice fixed, within one period of the item ("2024", "2024-Q2" …)."""

    period: Text | None = None
    first: Day
    last: Day | None = None
    starts: time | None = None
    ends: time | None = None
    place: Text | None = None
    by: Text


class HappenedDefinition(Definition):
    """The event a waiting or relative item counts from, once it took place."""

    on: Day
    document: Text


Roll = Literal["next", "previous", "nearest", "same_month_nearest", "skip", "keep"]


class ItemDefinition(Definition):
    """One line of the programme. ``when`` is the paper's phrase, verbatim; absent when the paper gives no time.

    ``policy`` names a ladder of its own instead of the programme's; ``secret`` keeps title and content out
    of every message.
    """

    id: Code
    line: Annotated[int, Field(ge=1)]
    title: Text
    kind: ItemKind
    when: Text | None = None
    parent: Code | None = None
    inherits: bool = False
    lead: tuple[Code, ...] = ()
    lead_from_children: bool = False
    participants: tuple[Code, ...] = ()
    inspected: tuple[Code, ...] = ()
    recipients: tuple[Code, ...] = ()
    team: Code | None = None
    round: Annotated[int, Field(ge=1)] | None = None
    product: Text | None = None
    place: Text | None = None
    budget: BudgetDefinition | None = None
    headcount: Annotated[int, Field(ge=0)] | None = None
    headcount_about: bool = False
    headcount_parts: tuple[HeadcountPart, ...] = ()
    depends_on: tuple[DependencyDefinition, ...] = ()
    roll: Roll = "keep"
    fixed: tuple[FixedDefinition, ...] = ()
    happened: HappenedDefinition | None = None
    policy: Code | None = None
    secret: bool = False
    note: Text | None = None


class TotalDefinition(Definition):
    """A total the paper states, to be checked against the items it adds up."""

    of: Literal["headcount", "budget", "budget_central", "budget_local"]
    stated: Annotated[int, Field(ge=0)]
    line: Annotated[int, Field(ge=1)]
    items: Annotated[tuple[Code, ...], Field(min_length=1)]


class ProgrammeDefinition(Definition):
    """One signed (or drafted) document."""

    code: Code
    short: Text
    document: DocumentDefinition
    period: PeriodDefinition
    standing_agency: Code
    collector: Code | None = None
    policy: Code = "default"
    totals: tuple[TotalDefinition, ...] = ()
    items: Annotated[tuple[ItemDefinition, ...], Field(min_length=1)]
    note: Text | None = None

    @property
    def draft(self) -> bool:
        """Whether it has not been signed: as the document says, else whether number or date of issue is missing."""
        return self.incomplete if self.document.draft is None else self.document.draft

    @property
    def incomplete(self) -> bool:
        """Whether number or date of issue is still missing."""
        return self.document.number is None or self.document.issued is None

    @property
    def last_day(self) -> date:
        """The last day the paper speaks for, with a recorded extension."""
        return self.period.extended_to or self.period.last


# ---------------------------------------------------------------- policies, holidays


Targets = Annotated[tuple[Target, ...], Field(min_length=1)]


class StepDefinition(Definition):
    """One rung for a deadline: so many working days from ``work_by``, after it when positive.

    ``urgent`` does not wait for the morning digest.
    """

    step: Code
    working_days: int
    to: Targets
    action: Action = Action.REMIND
    urgent: bool = False


class EventStepDefinition(Definition):
    """One rung for a conference or inspection, counted from its day; there is nothing to be late with."""

    step: Code
    working_days: int
    to: Targets
    action: Literal["remind"] = "remind"
    urgent: bool = False


class WindowStepDefinition(Definition):
    """A rung for a window nobody has fixed: its start, its middle, or working days before its end."""

    step: Code
    at: Literal["start", "middle", "end"]
    working_days: int = 0
    to: Targets
    urgent: bool = False


class PolicyDefinition(Definition):
    """Who hears what, when: the ladder of reminders and escalations.

    ``digest_at`` is the hour (Asia/Ho_Chi_Minh) of the morning digest; a drafted letter may wait
    ``letter_answer_days`` working days for somebody's decision.
    """

    code: Code
    name: Text
    digest_at: Hour = time(7, 30)
    letter_answer_days: Annotated[int, Field(ge=1)] = 2
    deadlines: tuple[StepDefinition, ...]
    events: tuple[EventStepDefinition, ...]
    windows: tuple[WindowStepDefinition, ...]


class OverrideDefinition(Definition):
    """One day decided otherwise than the calendar says."""

    day: Day
    working: bool
    document: Text
    decided: Day | None = None
    entered_by: Text
    note: Text | None = None


class HolidaysDefinition(Definition):
    """One file of ``holidays/``."""

    overrides: tuple[OverrideDefinition, ...]


# ---------------------------------------------------------------- contacts.yaml


class QuietDefinition(Definition):
    """The hours in which nothing is sent to somebody, over midnight when they begin later than they end."""

    starts: Annotated[Hour, Field(alias="from")] = time(18)
    ends: Annotated[Hour, Field(alias="to")] = time(7)


class ContactChannelDefinition(Definition):
    """One way to reach somebody; nothing is sent by it before the day it was ``verified``."""

    kind: ChannelKind
    address: Text
    verified: Day | None = None


class ContactDefinition(Definition):
    """One person or mailbox. ``channels`` are tried in their order; without ``agency`` it is the office's own."""

    code: Code
    name: Text
    agency: Code | None = None
    post: Post
    language: Literal["vi", "en"] = "vi"
    quiet: QuietDefinition = QuietDefinition()
    digest: bool = True
    valid_from: Day | None = None
    valid_to: Day | None = None
    channels: tuple[ContactChannelDefinition, ...] = ()


class SubstitutionDefinition(Definition):
    """``substitute`` hears what ``contact`` would, from ``first`` to ``last``, both included."""

    contact: Code
    substitute: Code
    first: Day
    last: Day


class ContactsDefinition(Definition):
    """The file ``contacts.yaml``."""

    contacts: tuple[ContactDefinition, ...] = ()
    substitutions: tuple[SubstitutionDefinition, ...] = ()


# ---------------------------------------------------------------- channels.yaml

Template = Annotated[str, StringConstraints(max_length=2000)]


class ZaloDefinition(Definition):
    """The office's Zalo access; ``access_token`` says where the token is kept."""

    base_url: Text
    access_token: Text
    template_id: Text | None = None


class SmsSuccessDefinition(Definition):
    """How the gateway's answer says it took the message: the value under the dotted ``path``, as text."""

    path: Text
    accepted: Annotated[tuple[Text, ...], Field(min_length=1)]
    refused: tuple[Text, ...] = ()
    reference: Text | None = None
    detail: Text | None = None


class SmsDefinition(Definition):
    """An SMS gateway as its aggregator describes it.

    ``fields`` and ``headers`` give each name a template ({phone}, {phone_national}, {text}, {brandname},
    {key}, {unicode}, and the names of ``secrets``); ``secrets`` say where each is kept. The fields named in
    ``numbers`` go out as whole numbers.
    """

    url: Text
    brandname: Text
    fields: Annotated[dict[Text, Template], Field(min_length=1)]
    numbers: tuple[Text, ...] = ()
    headers: dict[Text, Template] = {}
    secrets: dict[Text, Text] = {}
    success: SmsSuccessDefinition
    method: Literal["POST", "GET"] = "POST"
    body: Literal["json", "form"] = "json"
    unaccented: bool = True
    longest_parts: Annotated[int, Field(ge=1)] = 2

    @property
    def templates(self) -> dict[str, str | int]:
        """``fields`` with those named in ``numbers`` as numbers."""
        return {name: int(text) if name in self.numbers else text for name, text in self.fields.items()}


class ChannelsDefinition(Definition):
    """The file ``channels.yaml``: how the office sends besides mail."""

    zalo: ZaloDefinition | None = None
    sms: SmsDefinition | None = None
