"""Where the flow UI shows what runs about an occurrence: only pages that its schedules really write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from office.settings import PROJECT
from planning.agenda import Entry

# a deployment of prefect.yaml, and how the keys of the pages it writes begin
PAGES = {
    "trien-khai-nam": "chuong-trinh",
    "mo-dot-kiem-tra": "dot-kiem-tra",
    "chuan-bi-hoi-nghi": "hoi-nghi",
    "thu-bao-cao": "thu-bao-cao",
    "tong-hop-bao-cao": "tong-hop",
    "bao-cao-quy-nong-thon-moi": "bao-cao-quy",
}
PAGE_NAMES = {
    "chuong-trinh": "Chương trình",
    "dot-kiem-tra": "Đợt kiểm tra",
    "hoi-nghi": "Hội nghị",
    "thu-bao-cao": "Thu báo cáo",
    "tong-hop": "Tổng hợp báo cáo",
    "bao-cao-quy": "Báo cáo quý",
}


@dataclass(frozen=True, slots=True)
class FlowLink:
    """A page of the flow UI and what it is about, in Vietnamese; empty for the list of all runs."""

    name: str
    address: str


def links_into_flows(prefect_address: str, entry: Entry) -> list[FlowLink]:
    """The pages of the flows scheduled for this occurrence, then the list of all runs."""
    pages = [
        FlowLink(f"{PAGE_NAMES[page]}: {entry.programme_short}", f"{prefect_address}/v2/artifacts/key/{key}")
        for key, page in dict(_keys(entry)).items()
    ]
    return [*pages, FlowLink("", f"{prefect_address}/v2/runs")]


def _keys(entry: Entry) -> Iterator[tuple[str, str]]:
    """The keys of the pages written about it, each with what it begins with."""
    month = entry.first.month if entry.first else None
    about = {"programme": entry.programme, "item": entry.item, "round": entry.round, "month": month}
    for deployment, parameters in _schedules():
        if deployment in PAGES and all(about.get(name) == value for name, value in parameters.items()):
            yield artifact_key(PAGES[deployment], *parameters.values()), PAGES[deployment]


def artifact_key(*parts: object) -> str:
    """The fixed key of a page, as the flows make it: lower-case letters, digits and hyphens."""
    joined = "-".join(str(part) for part in parts).lower()
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in joined)


@cache
def _schedules() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Each deployment with the parameters of each of its schedules that speak of a programme."""
    written = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))
    return tuple(
        (deployment["name"], schedule["parameters"])
        for deployment in written["deployments"]
        for schedule in deployment.get("schedules", ())
        if "programme" in schedule.get("parameters", {})
    )
