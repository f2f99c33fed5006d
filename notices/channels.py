"""Opens the channels an office has, with their secrets fetched from where they are kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from models.errors import DonDocError
from models.kinds import ChannelKind
from notices.apprise_urls import AppriseChannel
from notices.channel import Channel, Message, Outcome, Verdict
from notices.mail import MailChannel, MailPlugin, MailServer, read_mail_server
from notices.references import resolve
from notices.sms import SmsChannel, SmsGateway, SmsPlugin
from notices.zalo import ZaloAccount, ZaloChannel, ZaloPlugin

NAMES = {
    ChannelKind.MAIL: "thư điện tử",
    ChannelKind.ZALO: "Zalo",
    ChannelKind.SMS: "SMS",
    ChannelKind.APPRISE: "Apprise",
}


class ChannelSettings(Protocol):
    """What the office has chosen about mail."""

    @property
    def mail_address(self) -> str:
        """As notices.mail.read_mail_server reads it."""

    @property
    def mail_from(self) -> str:
        """The sender's mail address."""

    @property
    def mail_from_name(self) -> str:
        """The sender's name."""

    @property
    def mail_password(self) -> str:
        """A reference, or empty when the server asks for none."""

    @property
    def mail_dsn(self) -> bool:
        """Whether servers are asked to report delivery."""

    @property
    def mail_timeout(self) -> float:
        """Seconds for one whole attempt."""


class Unconfigured:
    """A channel (``notices.channel.Channel``) the office does not have: refused for good, so that another is tried."""

    def __init__(self, kind: ChannelKind) -> None:
        self.kind = kind

    def send(self, message: Message) -> Outcome:
        """Nothing is sent."""
        return Outcome(Verdict.REJECTED, detail=f"Cơ quan chưa khai kênh {NAMES[self.kind]} nên không gửi được.")

    def close(self) -> None:
        """Nothing was opened."""


class AppriseByReference:
    """A channel (``notices.channel.Channel``): ``message.to`` names where an Apprise address is kept.

    The address is fetched at each attempt: it is a secret, and no message is stored or shown with it. Where nothing
    is kept is refused for good, since another channel can still reach the person.
    """

    def __init__(self, channel: Channel, environment: Mapping[str, str]) -> None:
        self.channel = channel
        self.environment = environment

    def send(self, message: Message) -> Outcome:
        """One attempt."""
        try:
            address = resolve(message.to, self.environment)
        except DonDocError as unresolved:
            return Outcome(Verdict.REJECTED, detail=unresolved.sentence)
        return self.channel.send(replace(message, to=address))

    def close(self) -> None:
        """Ends what the channel keeps."""
        self.channel.close()


def open_channels(
    settings: ChannelSettings,
    zalo: ZaloAccount | None,
    sms: SmsGateway | None,
    now: Callable[[], datetime],
    environment: Mapping[str, str],
) -> dict[ChannelKind, Channel]:
    """Every kind of channel, by which one may send; nothing is connected yet. For one thread at a time.

    ``zalo`` and ``sms`` are as written on paper: their secrets are references, looked up here (in ``environment``
    for ``env:NAME``). ``now`` gives the instant for a mail's Date. Apprise knows our schemas afterwards. Raises
    UnresolvedReference, UnreadableMailServer, UnusableAddress and UnusableGateway; no sentence repeats a secret.
    """
    server = _mail_server(settings, environment)
    account = replace(zalo, access_token=resolve(zalo.access_token, environment)) if zalo else None
    gateway = replace(sms, secrets=_resolved(sms.secrets, environment)) if sms else None
    _register(account, gateway, now)
    return {
        ChannelKind.MAIL: MailChannel(server, now),
        ChannelKind.ZALO: ZaloChannel(account) if account else Unconfigured(ChannelKind.ZALO),
        ChannelKind.SMS: SmsChannel(gateway) if gateway else Unconfigured(ChannelKind.SMS),
        ChannelKind.APPRISE: AppriseByReference(AppriseChannel(settings.mail_timeout), environment),
    }


def close_channels(channels: Mapping[ChannelKind, Channel]) -> None:
    """Takes leave of every server; that one is gone does not keep the others open."""
    for channel in channels.values():
        with suppress(OSError):
            channel.close()


def _mail_server(settings: ChannelSettings, environment: Mapping[str, str]) -> MailServer:
    return read_mail_server(
        settings.mail_address,
        sender_address=settings.mail_from,
        sender_name=settings.mail_from_name,
        password=resolve(settings.mail_password, environment) if settings.mail_password else "",
        timeout=settings.mail_timeout,
        dsn=settings.mail_dsn,
    )


def _resolved(secrets: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    return {name: resolve(reference, environment) for name, reference in secrets.items()}


def _register(account: ZaloAccount | None, gateway: SmsGateway | None, now: Callable[[], datetime]) -> None:
    with warnings.catch_warnings():
        # one of Apprise's own plugins, which are loaded here, imports a module that Python 3.11 warns about
        warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
        MailPlugin.register(now)
        if account:
            ZaloPlugin.register(account)
        if gateway:
            SmsPlugin.register(gateway)
