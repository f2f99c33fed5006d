"""The key that signs links: made once, readable only by the office, in a home that is then shut to others."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from models.errors import DonDocError
from office.settings import Settings

BYTES = 32
SHORTEST = 32  # characters; a key somebody brought along may be written another way than ours


class UnusableSecret(DonDocError):
    """The key's file cannot be made, read or trusted; ``file`` says which one. The key is never repeated."""

    exit_code = 2

    def __init__(self, sentence: str, *, file: Path, help: str) -> None:
        self.file = file
        super().__init__(sentence, help=help)


def link_secret(settings: Settings) -> str:
    """The key of this office, ``links.key`` in its home. Raises UnusableSecret."""
    return read_or_make_secret(settings.home / "links.key")


def read_or_make_secret(path: Path) -> str:
    """The key kept in ``path``; a first start makes it (64 hexadecimal digits, mode 0600) and shuts its folder.

    Of two first starts at the same moment both get the same key. Raises UnusableSecret.
    """
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "nội dung lạ"
        raise UnusableSecret(
            f"Không đọc hoặc không tạo được tệp khóa ký liên kết {path}: {reason}.",
            file=path,
            help="Kiểm tra quyền của tệp và thư mục ấy.",
        ) from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, path)  # a link is refused where a file stands; a rename would replace the other's key
        except FileExistsError:
            return
        _keep_the_name(path.parent)
        _shut(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _shut(folder: Path) -> None:
    """What the key signs lies beside it: letters with people's links, addresses, accounts.

    Done once, with the key: whom an administrator lets in later stays let in.
    """
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not mode & stat.S_ISVTX:  # such a folder is meant for everybody, as /tmp is
        with suppress(PermissionError):  # one that belongs to somebody else is theirs to shut
            folder.chmod(mode & ~0o077)


def _keep_the_name(folder: Path) -> None:
    # Links signed today must still open after a power cut, so the folder's entry goes to disk too.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> str:
    with path.open(encoding="utf-8") as stream:
        mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        secret = stream.read().strip()
    if mode & 0o077:
        raise UnusableSecret(
            f"Tệp khóa ký liên kết {path} để người khác đọc được (quyền {mode:04o}).",
            file=path,
            help=f"Chạy 'chmod 600 {path}'; nếu ngờ đã lộ thì xóa tệp, các liên kết đã gửi sẽ hết dùng được.",
        )
    if len(secret) < SHORTEST:
        raise UnusableSecret(
            f"Khóa ký liên kết trong tệp {path} quá ngắn: {len(secret)} ký tự, cần từ {SHORTEST}.",
            file=path,
            help="Xóa tệp để chương trình tạo khóa mới; các liên kết đã gửi sẽ hết dùng được.",
        )
    return secret
