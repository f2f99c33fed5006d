"""Sends to any address Apprise understands; such an address is a secret and is neither shown nor logged."""

from __future__ import annotations

from typing import Any

from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyFormat
from apprise.attachment.memory import AttachMemory
from apprise.common import PersistentStoreMode
from apprise.utils import parse

from notices.channel import Attachment, Message, Outcome, Verdict
from notices.references import unlogged

# Apprise is annotated in part, and in ways its own plugins contradict: it is taken as it comes.
_Apprise: Any = Apprise
_Asset: Any = AppriseAsset
_Attachments: Any = AppriseAttachment
_InMemory: Any = AttachMemory
_split: Any = parse.parse_urls


class AppriseChannel:
    """A channel (``notices.channel.Channel``); ``message.to`` is an Apprise address, already resolved.

    ``timeout`` in seconds is for connecting and again for each wait, whatever the address says (plugins that do not
    speak HTTP have their own). Apprise says only yes or no, and most plugins no when nothing was taken: no is "try
    again".
    """

    def __init__(self, timeout: float = 10) -> None:
        self.timeout = timeout

    def send(self, message: Message) -> Outcome:
        """One attempt, to one recipient."""
        with unlogged():
            plugin = self._open(message.to)
            if len(_split(message.to)) > 1 or (plugin is not None and len(plugin) != 1):
                # A "no" could mean that some of them have it, and trying again would double theirs.
                return Outcome(Verdict.REJECTED, detail="Địa chỉ Apprise phải dẫn đến đúng một người nhận.")
            if plugin is None:
                return Outcome(Verdict.REJECTED, detail="Apprise không hiểu địa chỉ này.")
            sent = _notify(plugin, message)
            schema = str(plugin.url(privacy=True)).partition("://")[0]
        left_out = " Không kèm được tệp." if message.attachments and not plugin.attachment_support else ""
        if sent:
            return Outcome(Verdict.ACCEPTED, schema, f"Apprise báo đã gửi.{left_out}")
        return Outcome(Verdict.TRY_AGAIN, detail=f"Apprise báo không gửi được qua {schema}.")

    def close(self) -> None:
        """Nothing is kept open."""

    def _open(self, address: str) -> Any | None:
        """The plugin, made to try once, to say no when it failed, to wait no longer than we do, to store nothing."""
        asset = _Asset(async_mode=False, secure_logging=True, storage_mode=PersistentStoreMode.MEMORY)
        try:
            plugin = _Apprise.instantiate(address, asset=asset)
        except Exception:  # Apprise reads addresses outside its own guard, and each plugin errs in its own way
            return None
        if plugin is not None:
            plugin.retry, plugin.optional = 0, False  # ?retry= would double, ?optional= says yes to a failure
            plugin.socket_connect_timeout = plugin.socket_read_timeout = self.timeout
        return plugin


def _notify(plugin: Any, message: Message) -> bool:
    rich = plugin.notify_format == NotifyFormat.HTML
    attached = [_in_memory(attachment) for attachment in message.attachments] if plugin.attachment_support else []
    apprise = _Apprise()
    apprise.add(plugin)
    sent = apprise.notify(
        title=message.subject,
        body=message.html if rich else message.text,
        body_format=NotifyFormat.HTML if rich else NotifyFormat.TEXT,
        attach=_Attachments(attached) if attached else None,
    )
    return sent is True


def _in_memory(attachment: Attachment) -> Any:
    return _InMemory(attachment.content, name=attachment.name, mimetype=attachment.media_type)
