"""What whoever runs the machine asks: is it alive, is it ready, and numbers for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from models.notice import WAITING, NoticeState
from notices.register import count_states
from notices.tables import HOLDS, NOTICES, PASSAGES
from office.store import StoreUnusable
from portal.desk import Desk

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
HERE = ("127.0.0.1", "localhost")  # what whoever asks on this machine calls it
FORWARDED = ("forwarded", "x-forwarded-for", "via")  # what a proxy adds to requests from outside


def operation_pages(desk: Desk, numbers: Iterable[Collector] = ()) -> APIRouter:
    """``/healthz``: the process answers. ``/readyz``: the database, too. ``/metrics``: only asked on this machine.

    ``numbers`` are further collectors, for instance the feeds' own.
    """
    router = APIRouter()
    registry = CollectorRegistry()
    for collector in (OfficeNumbers(desk), *numbers):
        registry.register(collector)

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    def alive() -> Response:
        return PlainTextResponse("ok\n", headers=desk.headers)

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    def ready() -> Response:
        with desk.reading() as connection:  # StoreUnusable is answered 503 like everywhere
            connection.execute(text("SELECT 1"))
        return PlainTextResponse("ok\n", headers=desk.headers)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        called = request.headers.get("host", "").partition(":")[0]
        if called not in HERE or any(name in request.headers for name in FORWARDED):
            raise HTTPException(404)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE, headers=desk.headers)

    return router


class OfficeNumbers(Collector):
    """Notices by state, the oldest that waits, holds, and how long ago anybody planned and sent; read when asked."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def describe(self) -> Iterable[Metric]:
        """Nothing is read before the first question."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The numbers; only that the database is away when it is."""
        up = GaugeMetricFamily("dondoc_store_up", "Whether the database answers.")
        try:
            with self.desk.reading() as connection:
                found = list(self._read(connection))
            up.add_metric([], 1)
        except (StoreUnusable, SQLAlchemyError):
            found = []
            up.add_metric([], 0)
        return [up, *found]

    def _read(self, connection: Connection) -> Iterable[Metric]:
        states = GaugeMetricFamily("dondoc_notices", "Notices by state.", labels=["state"])
        counted = count_states(connection)
        for state in NoticeState:
            states.add_metric([state.value], counted.get(state, 0))
        yield states
        oldest = select(func.min(NOTICES.c.due_at)).where(NOTICES.c.state.in_(WAITING))
        yield self._age("dondoc_oldest_waiting_seconds", "How long the oldest notice is overdue to be sent.",
                        connection.execute(oldest).scalar(), self.desk.now())  # fmt: skip
        held = connection.execute(select(func.count()).select_from(HOLDS)).scalar_one()
        yield GaugeMetricFamily("dondoc_holds", "What a person holds back.", value=held)
        passed = GaugeMetricFamily(
            "dondoc_passage_age_seconds", "How long ago recurring work was last completed.", labels=["name"]
        )
        for row in connection.execute(select(PASSAGES.c.name, PASSAGES.c.really_at)):
            passed.add_metric([row.name], (self.desk.really() - row.really_at).total_seconds())
        yield passed

    def _age(self, name: str, what: str, since: datetime | None, now: datetime) -> Metric:
        seconds = 0.0 if since is None else max(0.0, (now - since).total_seconds())
        return GaugeMetricFamily(name, what, value=seconds)
