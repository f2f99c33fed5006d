"""Who is meant by a rung's target on a day, by which channels they are reached, and who stands in for them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from models.kinds import POST_NAMES, Post, Target

NOBODY = "?"  # begins the recipient of a notice nobody could be found for: "?focal:SYT"

# who is asked instead when a post is empty or cannot be reached
INSTEAD: dict[Post, tuple[Post, ...]] = {
    Post.FOCAL: (Post.FOCAL, Post.DEPUTY, Post.HEAD),
    Post.HEAD: (Post.HEAD, Post.DEPUTY),
    Post.DEPUTY: (Post.DEPUTY, Post.HEAD),
    Post.CHAIR: (Post.CHAIR,),
    Post.SECRETARIAT: (Post.SECRETARIAT,),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One verified way to reach somebody; ``address`` is never shown."""

    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    """One contact; ``ways`` are its verified channels in the order they are tried. Hours are in Asia/Ho_Chi_Minh."""

    code: str
    name: str
    agency: str | None
    post: Post
    language: str
    quiet_from: time
    quiet_to: time
    digest: bool
    valid_from: date | None
    valid_to: date | None
    ways: tuple[Way, ...]

    def in_post(self, day: date) -> bool:
        """Whether the person holds the post on the day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def way(self, kind: str) -> Way | None:
        """The first verified channel of this kind."""
        return next((way for way in self.ways if way.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Leave:
    """``substitute`` hears what ``contact`` would, from ``first`` to ``last``, both included."""

    contact: str
    first: date
    last: date
    substitute: str


@dataclass(frozen=True, slots=True)
class Parties:
    """The agencies around one subject, by what they have to do with it; ``agency`` is the one that owes it."""

    agency: str | None = None
    leads: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    inspected: tuple[str, ...] = ()
    collectors: tuple[str, ...] = ()
    standing: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """One recipient, found or not; ``key`` is what the notice carries as its recipient."""

    target: Target
    key: str
    person: Person | None = None
    agency: str | None = None


class ContactBook:
    """Everybody who may be told something."""

    def __init__(self, people: Iterable[Person], leaves: Iterable[Leave] = ()) -> None:
        self.people = {person.code: person for person in people}
        self._posts: dict[tuple[str | None, Post], list[Person]] = defaultdict(list)
        for person in self.people.values():
            self._posts[person.agency, person.post].append(person)
        self._leaves: dict[str, list[Leave]] = defaultdict(list)
        for leave in leaves:
            self._leaves[leave.contact].append(leave)

    def find(self, target: Target, parties: Parties, day: date) -> list[Meant]:
        """Everyone ``target`` means, each once; a post nobody holds is named, never passed over."""
        found: dict[str, Meant] = {}
        for agencies, post in self._asked(target, parties):
            people = self._holders(agencies, post, day)
            code = next((agency for agency in agencies if agency), None)
            missing = Meant(target, f"{NOBODY}{post.value}:{code or ''}", agency=code)
            for meant in [Meant(target, person.code, person, code) for person in people] or [missing]:
                found.setdefault(meant.key, meant)
        return list(found.values())

    def _asked(self, target: Target, parties: Parties) -> Iterator[tuple[tuple[str | None, ...], Post]]:
        """Each post that is meant, with the agencies to look in; the first that has somebody answers."""
        match target:
            case Target.FOCAL | Target.HEAD | Target.DEPUTY:
                yield (parties.agency,), Post(target.value)
            case Target.CHAIR | Target.SECRETARIAT:
                yield (parties.standing, None), Post(target.value)
            case Target.STANDING_AGENCY:
                yield (parties.standing,), Post.FOCAL
            case Target.LEAD | Target.PARTICIPANTS | Target.INSPECTED | Target.COLLECTOR:
                named = {
                    Target.LEAD: parties.leads,
                    Target.PARTICIPANTS: parties.participants,
                    Target.INSPECTED: parties.inspected,
                    Target.COLLECTOR: parties.collectors,
                }[target]
                yield from (((agency,), Post.FOCAL) for agency in named)

    def _holders(self, agencies: Sequence[str | None], post: Post, day: date) -> list[Person]:
        for instead in INSTEAD[post]:
            for agency in agencies:
                if found := [person for person in self._posts[agency, instead] if person.in_post(day)]:
                    return found
        return []

    def receiver(self, person: Person, day: date) -> Person:
        """Who really receives it on the day: the substitute, or the substitute's own; a circle ends at its start."""
        seen = {person.code}
        here = person
        while leave := next((one for one in self._leaves[here.code] if one.first <= day <= one.last), None):
            substitute = self.people.get(leave.substitute)
            if substitute is None or substitute.code in seen or not substitute.ways:
                break
            seen.add(substitute.code)
            here = substitute
        return here

    def next_after(self, person: Person, day: date) -> Person | None:
        """Who of the same agency is told when ``person`` cannot be reached at all."""
        for post in INSTEAD[person.post]:
            for other in self._posts[person.agency, post]:
                if other.code != person.code and other.in_post(day) and other.ways:
                    return other
        return None


def say_nobody(key: str, names: dict[str, str]) -> str:
    """Why a notice could not even be addressed: "Sở Y tế chưa có Đầu mối nào trong danh bạ."."""
    post, _, agency = key.removeprefix(NOBODY).partition(":")
    where = names.get(agency, agency) or "Cơ quan"
    return f"{where} chưa có {POST_NAMES[Post(post)].lower()} nào trong danh bạ."
