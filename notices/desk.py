"""Works on transactions handed in: everything a door does with notices, opened from the office's settings.

Two doors plan, send and decide: the commands and the flows. Here are the steps they share.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, select, update

from calendars.invitations import Mailbox
from calendars.working_days import WorkingDays
from models.audit import append_audit
from models.errors import DonDocError
from models.notice import LetterState
from notices.alarm import note_raised, raise_alarm, say_silence
from notices.channel import Attachment, Outcome, Verdict
from notices.channels import ChannelSettings, close_channels, open_channels
from notices.hours import ZONE
from notices.letter_document import MEDIA_TYPE, write_letter
from notices.letters import Decision, NothingToUrge, OfficeOnLetters, decide_letter, letters_waiting, read_letter
from notices.links import Links
from notices.planning import SENT, Planning, pass_by, plan_notices
from notices.post_office import PostOffice, Sent, Transactions, send_due
from notices.references import resolve
from notices.reports import Reported, open_reports, read_reports
from notices.signed_letters import send_signed_letter
from notices.sms import SmsGateway, Success
from notices.tables import LETTERS
from notices.wording import Wording
from notices.zalo import ZaloAccount


class NoticeSettings(ChannelSettings, Protocol):
    """What the office has chosen about notices and letters (office.settings)."""

    @property
    def portal_address(self) -> str:
        """What links in mails begin with."""

    @property
    def templates(self) -> Path:
        """The folder of wordings."""

    @property
    def send_lock(self) -> Path | None:
        """The file only one sender holds at a time; None where several may send."""

    @property
    def letters_folder(self) -> Path:
        """Where formal letters are kept."""

    @property
    def letter_template(self) -> Path:
        """The Word file letters are made from."""

    @property
    def secretariat_name(self) -> str:
        """Who signs every mail."""

    @property
    def bounces(self) -> str:
        """A folder or mailbox of reports; empty for none."""

    @property
    def bounces_password(self) -> str:
        """A reference, or empty."""

    @property
    def alarm_to(self) -> str:
        """A mail address or a reference; empty for nobody."""

    @property
    def letter_issuer_above(self) -> str:
        """The body above the one that writes letters."""

    @property
    def letter_issuer(self) -> str:
        """The body that writes letters."""

    @property
    def letter_place(self) -> str:
        """Where letters are dated."""

    @property
    def letter_signer_title(self) -> str:
        """By what right the signer signs."""


class MissingLetter(DonDocError):
    """The file of a signed letter is gone or is not the one that was signed."""

    exit_code = 2


@dataclass(frozen=True)
class NoticeDesk:
    """One door's way to plan, send and decide.

    ``now`` is the office's instant (aware), ``really`` the machine's own. ``ladders`` are the policies as JSON by
    code; ``paid`` what channels.yaml says (planning.definitions.ChannelsDefinition), with secrets as references
    into ``environment``. ``began`` is the day the office began to use the program, today unless given. ``lock`` is
    a file only one sender holds at a time; None where the database lets several send at once.
    """

    settings: NoticeSettings
    reading: Transactions
    writing: Transactions
    ladders: Mapping[str, str]
    days: WorkingDays
    now: Callable[[], datetime]
    really: Callable[[], datetime]
    secret: str
    paid: Any = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    banner: str | None = None
    began: date | None = None
    lock: Path | None = None

    # ------------------------------------------------------------ planning and sending

    def plan(self, connection: Connection, at: datetime | None = None) -> Planning:
        """Plans what has come due by ``at`` (now unless given); part of the caller's transaction."""
        return plan_notices(connection, self.ladders, self.days, at or self.now(), self.really(), self.began)

    def send(self, *, most: int | None = None) -> Sent | None:
        """Sends what is due over the office's channels, opened for this and closed after.

        With a ``lock`` only one sender works at a time (SQLite has one writer); None when another is at it.
        """
        with _locked(self.lock) as alone:
            if alone is False:
                return None
            channels = self._channels()
            try:
                sent = send_due(self.post_office(channels, alone=alone is True), most=most)
            finally:
                close_channels(channels)
        with self.writing() as connection:
            pass_by(connection, SENT, self.now(), self.really())
        return sent

    def post_office(self, channels: Any, *, alone: bool = False) -> PostOffice:
        """Everything sending needs, with these channels."""
        return PostOffice(
            alone=alone,
            reading=self.reading,
            writing=self.writing,
            channels=channels,
            wording=Wording(self.settings.templates),
            links=Links(self.secret, self.settings.portal_address),
            days=self.days,
            now=self.now,
            sender=self.settings.secretariat_name,
            banner=self.banner,
            organizer=Mailbox(self.settings.mail_from_name, self.settings.mail_from),
            attach=self._signed_file,
            really=self.really,
        )

    def read_reports(self) -> Reported:
        """Takes in what mail servers reported; nothing when the office has no place for reports."""
        place = self.settings.bounces
        if not place:
            return Reported()
        reference = self.settings.bounces_password
        password = resolve(reference, self.environment) if reference else ""
        with open_reports(place, password) as reports:
            return read_reports(reports, self.writing, self.days, self.now())

    def watch(self) -> str | None:
        """Says what is wrong when nobody plans any more, and tells whoever is to be told, once a day."""
        with self.reading() as connection:
            said = say_silence(connection, self.really())
            to = self.settings.alarm_to
            alarm = raise_alarm(connection, said, to, self.really()) if said and to else None
        if alarm is None:
            return said
        channels = self._channels()
        try:
            outcome: Outcome = channels[alarm[0]].send(alarm[1])
        finally:
            close_channels(channels)
        if outcome.verdict is not Verdict.ACCEPTED:
            return f"{said} Báo động cũng không gửi được: {outcome.detail}"
        with self.writing() as connection:
            note_raised(connection, self.really())
        return said

    def _channels(self) -> Any:
        return open_channels(self.settings, *_paid(self.paid), self.now, self.environment)

    # ------------------------------------------------------------ letters

    @property
    def office_on_letters(self) -> OfficeOnLetters:
        """What every letter says of the office."""
        settings = self.settings
        return OfficeOnLetters(
            settings.letter_issuer_above, settings.letter_issuer, settings.letter_place, settings.letter_signer_title
        )

    def write_drafts(self) -> list[Path]:
        """The drafts that wait, as Word files for whoever signs; written anew, since agencies drop out meanwhile.

        One that urges nobody (any more, or yet, where the office's clock was set back) has no file.
        """
        texts = []
        with self.reading() as connection:
            for letter in letters_waiting(connection):
                with suppress(NothingToUrge):
                    text = read_letter(connection, letter.id, self._today(), self.days, self.office_on_letters)
                    texts.append((letter, text))
        return [
            _keep(
                self.settings.letters_folder / f"du-thao-{letter.id}-lan-{letter.round}.docx",
                write_letter(self.settings.letter_template, text),
            )
            for letter, text in texts
        ]

    def decide(
        self,
        letter: int,
        decision: Decision,
        by: str,
        *,
        number: str = "",
        signer: str = "",
        signer_title: str = "",
        remark: str = "",
        round: int | None = None,
    ) -> LetterState:
        """Records what a person decided; a signed letter is kept as a file with its digest and sent to those late.

        ``signer_title`` is by what right this signer signs, the office's usual one unless given; ``round`` the round
        of the draft that was decided about.

        One transaction: the file stands before it ends, and is the same bytes when this runs again. Raises what
        notices.letters.decide_letter raises, and notices.letter_document.UnusableLetterTemplate.
        """
        with self.writing() as connection:
            at = self.now()
            state = decide_letter(
                connection, letter, decision, by, at, number=number, signer=signer, remark=remark, round=round,
                signer_title=signer_title or self.settings.letter_signer_title,
            )  # fmt: skip
            if state is LetterState.APPROVED:
                self._file(connection, letter, at, signer_title)
                send_signed_letter(connection, letter, self.days, at)
        return state

    def _file(self, connection: Connection, letter: int, at: datetime, signer_title: str) -> None:
        """Keeps the signed letter; what has its digest is never written again, whatever became of its agencies."""
        if connection.execute(select(LETTERS.c.digest).where(LETTERS.c.id == letter)).scalar_one() is not None:
            return
        office = self.office_on_letters
        office = replace(office, signer_title=signer_title or office.signer_title)
        text = read_letter(connection, letter, self._today(), self.days, office)
        content = write_letter(self.settings.letter_template, text)
        digest = hashlib.sha256(content).hexdigest()
        _keep(self._file_of(letter), content)
        connection.execute(update(LETTERS).where(LETTERS.c.id == letter).values(digest=digest))
        append_audit(connection, at, "Đôn Đốc", "letter.filed", f"letter/{letter}", {"digest": digest})

    def _file_of(self, letter: int) -> Path:
        return self.settings.letters_folder / f"cong-van-{letter}.docx"

    def _signed_file(self, letter: int) -> Attachment:
        """The file of a signed letter, exactly as it was signed. Raises MissingLetter."""
        path = self._file_of(letter)
        with self.reading() as connection:
            row = connection.execute(LETTERS.select().where(LETTERS.c.id == letter)).mappings().one()
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != row["digest"]:
            raise MissingLetter(
                f"Tệp công văn {path.name} không còn hoặc không giống bản đã ký.", help="Khôi phục tệp từ bản sao lưu."
            )
        return Attachment(f"Công văn {row['number']}.docx", MEDIA_TYPE, content)

    def _today(self) -> date:
        return self.now().astimezone(ZONE).date()


class OfficeClock(Protocol):
    """The office's clock (office.clock)."""

    def now(self) -> datetime:
        """The office's instant, aware."""

    def banner(self) -> str | None:
        """What is to be shown while the clock is not the real one."""

    def began(self) -> date | None:
        """The day the office began; None for the first planning's."""


class Paper(Protocol):
    """What is written down (planning.check.Definitions)."""

    @property
    def ladders(self) -> Mapping[str, str]:
        """The policies as JSON, by code."""

    @property
    def working_days(self) -> WorkingDays:
        """The office's working days."""


def open_desk(
    settings: NoticeSettings,
    paper: Paper,
    clock: OfficeClock,
    *,
    reading: Transactions,
    writing: Transactions,
    really: Callable[[], datetime],
    secret: str,
    paid: Any,
) -> NoticeDesk:
    """The desk of an office as its door finds it."""
    return NoticeDesk(
        settings=settings,
        reading=reading,
        writing=writing,
        ladders=paper.ladders,
        days=paper.working_days,
        now=clock.now,
        really=really,
        secret=secret,
        paid=paid,
        banner=clock.banner(),
        began=clock.began(),
        lock=settings.send_lock,
    )


@contextmanager
def _locked(file: Path | None) -> Iterator[bool | None]:
    """True while we hold the lock, False when somebody else does, None when there is none to hold."""
    if file is None:
        yield None
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with the process, however it ends
        except BlockingIOError:
            yield False
        else:
            yield True


def _paid(described: Any) -> tuple[ZaloAccount | None, SmsGateway | None]:
    """The paid channels as channels.yaml describes them, their secrets still references."""
    zalo, sms = getattr(described, "zalo", None), getattr(described, "sms", None)
    account = ZaloAccount(zalo.base_url, zalo.access_token, zalo.template_id) if zalo else None
    if sms is None:
        return account, None
    answer = sms.success
    success = Success(answer.path, answer.accepted, answer.refused, answer.reference or "", answer.detail or "")
    return account, SmsGateway(
        sms.url, sms.brandname, sms.templates, success, sms.method, sms.body, sms.headers, sms.secrets,
        sms.unaccented, sms.longest_parts,
    )  # fmt: skip


def _keep(path: Path, content: bytes) -> Path:
    """The file as a whole or not at all; the same content is left alone. Raises DonDocError."""
    try:
        if path.exists() and path.read_bytes() == content:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(half, path)
        except BaseException:
            os.unlink(half)  # on a full disk every half would make it fuller
            raise
    except OSError as error:
        raise MissingLetter(
            f"Không ghi được công văn vào {path.parent}: {error.strerror}.",
            help="Kiểm tra quyền ghi và chỗ trống trên đĩa.",
        ) from error
    return path
