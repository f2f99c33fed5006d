"""Commands that keep the whole office in one file, and make it again from one."""

from __future__ import annotations

from pathlib import Path

from cli.office import open_office
from cli.output import say, typed
from office.backup import back_up, files_in
from office.restore import restore


def write_backup(to: Path | None) -> None:
    """One file, by default in the home's folder ``backups``, named by the office's day and hour."""
    office = open_office()
    now, settings = office.clock.now(), office.settings
    path = to or settings.home / "backups" / f"dondoc-{now:%Y-%m-%d-%H%M}.zip"
    done = back_up(office.store, settings.home, settings.programmes, path, now)
    megabytes = f"{done.size / 1e6:.1f}".replace(".", ",")
    papers = len(list(files_in("papers", settings.programmes)))
    say(
        f"Đã sao lưu {done.rows} dòng và {done.files} tệp, trong đó {papers} tệp chương trình ({megabytes} MB), "
        f"vào {done.path}."
    )
    say(f"SHA-256: {done.digest}")
    say("Tệp này có địa chỉ người nhận và khóa ký liên kết: cất nơi chỉ cơ quan mở được.")


def restore_backup(backup: Path, by: str) -> None:
    """An empty office becomes that of the backup; everything to be sent is held."""
    office = open_office()
    settings = office.settings
    done = restore(office.store, settings.home, settings.programmes, backup, typed(by), office.clock.now())
    say(
        f"Đã khôi phục {done.rows} dòng và {done.files} tệp (khóa ký liên kết, công văn, tệp đã nộp), "
        f"theo bản sao lưu lúc {done.made_at:%H:%M %d/%m/%Y}."
    )
    if not done.papers:
        say(f"Các tệp chương trình trong bản sao lưu giống hệt ở {settings.programmes}: không phải chép.")
    else:
        say(f"Các chương trình trong bản sao lưu khác với {settings.programmes}: để ở {done.papers}, xem rồi chép.")
    say(
        "Mọi thông báo đang được giữ lại: xem những gì đã gửi sau khi sao lưu, rồi chạy «dondoc notices resume --by …»."
    )
