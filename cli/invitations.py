"""The command that sends invitations: who would be invited, a question, then the notices."""

from __future__ import annotations

import typer

from cli.office import open_office
from cli.output import say, typed
from notices import invitations
from notices.invitations import ImpossibleInvitation, Invitee, read_invitees, why_not_to_invite
from office.store import reading, writing


def invite(occurrence: str, by: str, *, agreed: bool) -> None:
    """Invites everybody who takes part and has no invitation yet. Raises ImpossibleInvitation."""
    office, which = open_office(), typed(occurrence)
    office.require_present()
    with writing(office.store) as connection:
        office.refresh_people(connection)
    with reading(office.store) as connection:
        if why := why_not_to_invite(connection, which, office.clock.today()):
            raise ImpossibleInvitation(why)
        people = read_invitees(connection, which, office.clock.today())
    for one in people:
        say(_line(one))
    new = sum(one.is_new for one in people)
    if not new:
        say("Không còn ai để mời.")
        return
    if not agreed and not typer.confirm(f"Gửi giấy mời cho {new} người?"):
        raise typer.Exit(1)
    with writing(office.store) as connection:
        filed = invitations.invite(connection, which, typed(by), office.definitions.working_days, office.clock.now())
    say(f"{filed} giấy mời mới, đi ở lượt gửi tới.")


def _line(one: Invitee) -> str:
    """As "Sở Y tế (Phối hợp): Bà Lò Thị Hoa, sẽ mời"."""
    who = f"{one.agency} ({one.part}): {one.name}".rstrip(": ")
    return f"{who}, {one.standing}"
