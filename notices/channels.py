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


class Unavailable:
    """A channel (``notices.channel.Channel``) whose secret or address is not to be had: tried again until it is mended.

    Only what goes by this channel waits; the others send.
    """

    def __init__(self, why: DonDocError) -> None:
        self.why = why

    def send(self, message: Message) -> Outcome:
        """Nothing is sent."""
        return Outcome(Verdict.TRY_AGAIN, detail=str(self.why))

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
    for ``env:NAME``). ``now`` gives the instant for a mail's Date. Apprise knows our schemas afterwards. A channel
    whose secret or server is not usable answers "try again" with the sentence that says why; no sentence repeats a
    secret.
    """
    _register(now)

    def mail() -> Channel:
        return MailChannel(_mail_server(settings, environment), now)

    def zalo_channel(described: ZaloAccount) -> Channel:
        account = replace(described, access_token=resolve(described.access_token, environment))
        ZaloPlugin.register(account)
        return ZaloChannel(account)

    def sms_channel(described: SmsGateway) -> Channel:
        gateway = replace(described, secrets=_resolved(described.secrets, environment))
        SmsPlugin.register(gateway)
        return SmsChannel(gateway)

    return {
        ChannelKind.MAIL: _opened(mail),
        ChannelKind.ZALO: _opened(lambda: zalo_channel(zalo)) if zalo else Unconfigured(ChannelKind.ZALO),
        ChannelKind.SMS: _opened(lambda: sms_channel(sms)) if sms else Unconfigured(ChannelKind.SMS),
        ChannelKind.APPRISE: AppriseByReference(AppriseChannel(settings.mail_timeout), environment),
    }


def _opened(channel: Callable[[], Channel]) -> Channel:
    try:
        return channel()
    except DonDocError as why:
        return Unavailable(why)


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


def _register(now: Callable[[], datetime]) -> None:
    with warnings.catch_warnings():
        # one of Apprise's own plugins, which are loaded here, imports a module that Python 3.11 warns about
        warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
        MailPlugin.register(now)
