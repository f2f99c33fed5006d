"""Commands about evidence: the proof sheet of one notice, and whether the audit still holds."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.office import Office, open_office
from cli.output import print_json, say, typed
from models.audit import find_digest, verify_audit
from models.errors import DonDocError
from notices.evidence import Proof, read_proof, render_proof, say_chain, say_proof
from office.settings import PROJECT
from office.store import reading

PAGES = PROJECT / "templates" / "pages"


class UnwritableProof(DonDocError):
    """The sheet's file cannot be written."""

    exit_code = 2


def show_proof(notice: int, *, out: Path | None, as_json: bool) -> None:
    """Everything about one notice; with ``out`` also as a page to print, in that file or folder.

    Raises notices.outbox.NoSuchNotice, UnwritableProof.
    """
    office = open_office()
    with reading(office.store) as connection:
        proof = read_proof(connection, notice)
    written = _write(office, proof, out) if out is not None else None
    if as_json:
        print_json(proof)
    elif written is None:
        for line in say_proof(proof):
            say(line)
    else:
        say(f"Đã ghi phiếu chứng cứ: {written}")


def _write(office: Office, proof: Proof, out: Path) -> Path:
    path = out / f"thong-bao-{proof.notice}.html" if out.is_dir() else out
    page = render_proof(proof, PAGES, banner=office.clock.banner(), at=office.clock.now())
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UnwritableProof(
            f"Không ghi được {path}: {error.strerror}.", help="Kiểm tra thư mục, quyền ghi và chỗ trống."
        ) from None
    return path


def verify(*, as_json: bool, noted: str | None = None) -> None:
    """Reads the whole audit again; exit 1 when a line does not hold, or when the ``noted`` digest is not in it."""
    office = open_office()
    digest = typed(noted).lower() if noted else None
    with reading(office.store) as connection:
        chain = verify_audit(connection)
        found = find_digest(connection, digest) if digest else None
    if found is not None and found > chain.lines:
        found = None  # it stands beyond the break, where nothing can be relied upon
    lost = digest is not None and found is None
    if as_json:
        shown = {"ok": chain.broken_at is None and not lost, "lines": chain.lines, "digest": chain.digest}
        print_json(shown | {"broken_at": chain.broken_at, "missing": chain.missing, "noted_at": found})
    else:
        say(say_chain(chain), style="" if chain.broken_at is None else "red")
        if lost:
            say("Mã đã ghi lại không còn trong nhật ký: có dòng đã bị bớt hoặc bị thay.", style="red")
        elif found is not None:
            say(f"Mã đã ghi lại là của dòng {found}; nhật ký còn nguyên đến dòng ấy.")
        if chain.broken_at is None:
            say("Ghi lại mã này ở nơi khác: chỉ nó mới chứng tỏ được không dòng nào bị bớt ở cuối.")
    if chain.broken_at is not None or lost:
        raise typer.Exit(1)
