"""What most commands begin with: settings, clock and banner, the checked definitions, the open database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cli.output import show_banner
from models.errors import DonDocError
from office.clock import Clock, read_clock, real_instant
from office.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from notices.desk import NoticeDesk
    from planning.check import Definitions


@dataclass(frozen=True)
class Office:
    """The office as one command sees it; definitions and database are opened when first asked for."""

    settings: Settings
    clock: Clock

    @cached_property
    def paper(self) -> Definitions:
        """Everything on paper, checked, without the database. Raises planning.yaml_files.InvalidDefinition."""
        from planning.check import read_definitions

        return read_definitions(self.settings.programmes)

    @cached_property
    def definitions(self) -> Definitions:
        """The paper with what people recorded on top. Raises InvalidDefinition, office.store.StoreUnusable."""
        from office.store import reading
        from planning.amendments import amended, read_amendments

        paper = self.paper  # first: whoever has a mistake in it reads of that, and no database is made
        with reading(self.store) as connection:
            return amended(paper, read_amendments(connection))

    @cached_property
    def store(self) -> Engine:
        """The database, its tables up to date. Raises office.store.StoreUnusable."""
        from office.store import open_store

        return open_store(self.settings.database_url)

    @cached_property
    def desk(self) -> NoticeDesk:
        """Planning, sending and deciding with this office's settings. Raises UnusableSecret, InvalidDefinition."""
        from notices.desk import open_desk
        from office.secret import link_secret
        from office.store import reading, writing
        from planning.people import read_channels

        return open_desk(
            self.settings,
            self.definitions,
            self.clock,
            reading=lambda: reading(self.store),
            writing=lambda: writing(self.store),
            really=real_instant,
            secret=link_secret(self.settings),
            paid=read_channels(self.settings.channels_path),
        )

    def refresh_people(self, connection: Connection) -> None:
        """Brings the contacts to what contacts.yaml and the screens say; in the caller's transaction."""
        from planning.amendments import read_amendments
        from planning.contact_amendments import merged_contacts
        from planning.people import read_contacts, store_contacts

        file = self.settings.contacts_file
        if not self.settings.uses_sink and not file.exists():
            raise DonDocError(
                f"Chưa có danh bạ {file}: thư đi qua máy chủ thật mà không ai nhận được.",
                help="Chép programmes/contacts.example.yaml thành contacts.yaml rồi ghi người thật.",
            )
        from_file = read_contacts(file, self.paper.directory)
        store_contacts(connection, merged_contacts(from_file, read_amendments(connection)))

    def require_present(self) -> None:
        """Refuses to write days ahead of the office's own clock: what is told cannot be told back.

        ``--at`` replays a day in a database of its own; a look ahead is ``dondoc rehearse``. Raises DonDocError.
        """
        own = read_clock(self.settings.model_copy(update={"at": None})).today()
        if self.clock.today() > own:
            raise DonDocError(
                f"Ngày {self.clock.today():%d/%m/%Y} ở sau ngày hiện nay của cơ quan ({own:%d/%m/%Y}).",
                help="Muốn xem trước thì dùng «dondoc rehearse», hoặc đặt DONDOC_HOME thành một thư mục riêng.",
            )


def open_office() -> Office:
    """Settings and clock, with the demonstration's banner shown first."""
    settings = read_settings()
    clock = read_clock(settings)
    show_banner(clock.banner())
    return Office(settings, clock)
