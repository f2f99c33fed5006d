"""Calendars over HTTP, as calendar programs ask for them: the last good bytes, and no error for a known one."""

import asyncio
import gzip
import hashlib
import logging
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import httpx
import pytest
from fastapi import FastAPI
from icalendar import Calendar
from sqlalchemy import select

from calendars.membership import touch_feeds
from calendars.subscription_options import Options
from calendars.subscriptions import change_options, create_subscription, revoke_subscription, rotate_subscription
from models.feed import Feed
from models.subscription import Subscription
from notices.links import Links
from office.settings import Settings
from office.store import StoreUnusable, reach_store, writing
from portal.desk import Desk
from portal.feed_answers import takes_gzip
from portal.feed_refresher import FeedNumbers, FeedRefresher, Refreshed
from portal.feed_shelf import FeedShelf, ShelfUnusable
from portal.feeds import WRONG_TOKENS, FeedDoor
from tests.calendars.test_publishing import ONE, THREE, TODAY, TWO, begin, revise
from tests.postgres import free_port

__all__ = ["begin"]
AT = datetime(2024, 12, 2, 3, tzinfo=UTC)
SECRET = "khóa dùng để thử, đủ dài và luôn như nhau"
STILL = 3600.0  # nothing looks by itself


@pytest.fixture
def database_url(tmp_path):
    """One kind is enough: what differs between the two is tested with the subscriptions themselves."""
    return f"sqlite:///{tmp_path / 'dondoc.db'}"


class Office:
    """The door before an application, its shelf and its refresher, with a clock that only moves when told."""

    def __init__(self, engine, home, serve):
        self.engine, self.home = engine, home
        self.moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
        self.shelves = []
        self.open(engine)
        app = FastAPI(openapi_url=None)
        app.get("/khac")(lambda: "trang khác")

        def make(address):
            self.door = FeedDoor(app, self.shelf, self.desk)
            self.refresher.door = self.door
            return self.door

        self.address = serve(make)
        self.client = httpx.Client(base_url=self.address, timeout=120)

    def open(self, engine):
        """The portal's desk, shelf and refresher as after a start."""
        settings = Settings(home=self.home, public_address="https://dondoc.example.vn")
        self.desk = Desk(settings, self, engine, Links(SECRET, "x"), SECRET, lambda: self.moment)
        self.shelf = FeedShelf(self.home / "feeds.db")
        self.shelves.append(self.shelf)
        self.refresher = FeedRefresher(self.desk, self.shelf, interval=STILL)

    def start_again(self, engine):
        """Another process of the portal: only the file is left of the one before."""
        self.open(engine)
        self.door._shelf = self.shelf
        self.refresher.door = self.door

    def now(self):
        return AT

    def today(self):
        return TODAY

    def banner(self):
        return None

    def began(self):
        return None

    def subscribe(self, owner="all", **options):
        with writing(self.engine) as connection:
            new = create_subscription(
                connection, owner, f"Lịch {options}", Options(**options), "Hoa", AT, self.moment, SECRET
            )
        self.refresher.refresh_once()
        return new.id, f"/lich/{new.token}.ics"

    def act(self, what, *rest):
        with writing(self.engine) as connection:
            made = what(connection, *rest)
        return made, self.refresher.refresh_once()

    def get(self, path, status=200, **headers):
        answer = self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        assert answer.status_code == status, answer.text
        return answer

    def uids(self, path):
        return [str(event["uid"]) for event in Calendar.from_ical(self.get(path).content).events]


@pytest.fixture
def office(begin, engine, serve, tmp_path):
    office = Office(engine, tmp_path, serve)
    yield office
    office.client.close()
    for shelf in office.shelves:
        shelf.close()


# ---------------------------------------------------------------- what an answer carries


def test_an_answer_carries_what_a_calendar_program_needs(office):
    _, path = office.subscribe("agency/SYT")
    answer = office.get(path, accept_encoding="identity")
    assert {name: answer.headers[name] for name in answer.headers if name != "date"} == {
        "server": "uvicorn",
        "etag": f'"{hashlib.sha256(answer.content).hexdigest()}"',
        "content-type": "text/calendar; charset=utf-8",
        "content-length": str(len(answer.content)),
        "content-disposition": (
            "inline; filename=\"dondoc-agency-SYT.ics\"; filename*=UTF-8''S%E1%BB%9F%20Y%20t%E1%BA%BF.ics"
        ),
        "cache-control": "private, max-age=900",
        "vary": "Accept-Encoding",
        "last-modified": "Wed, 04 Mar 2026 05:06:07 GMT",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }
    assert [str(event["uid"]) for event in Calendar.from_ical(answer.content).events] == [ONE, THREE]


def test_packed_bytes_are_the_same_calendar_under_another_tag(office):
    _, path = office.subscribe()
    plain, packed = office.get(path, accept_encoding="identity"), office.get(path, accept_encoding="gzip")
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", plain.content)
    assert packed.headers["etag"] != plain.headers["etag"]
    assert gzip.compress(plain.content, 6, mtime=0).__len__() == int(packed.headers["content-length"])
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (b"gzip", True), (b"gzip, deflate, br", True), (b"GZIP;q=0.5", True), (b"*", True), (b"x-gzip", True),
        (b"gzip;q=0", False), (b"*;q=0", False), (b"", False), (b"br", False), (b"identity", False),
        (b"gzip;q=0.1, identity;q=0.9", False), (b"gzip;q=x", False), (b"gzip;q=0, *", False),
    ],
)  # fmt: skip
def test_who_takes_gzip(header, wanted):
    assert takes_gzip(header) is wanted


def test_head_is_get_without_the_body(office):
    _, path = office.subscribe()
    wrong = "/lich/x.ics"
    for asked in ({}, {"accept-encoding": "identity"}, {"if-none-match": "*"}):
        for where in (path, wrong):
            got, head = office.client.get(where, headers=asked), office.client.head(where, headers=asked)
            drop = {"date"}
            assert (head.status_code, head.content) == (got.status_code, b"")
            assert set(head.headers.items()) - {("date", head.headers["date"])} == {
                (name, value) for name, value in got.headers.items() if name not in drop
            }


def test_nothing_is_sent_again_to_who_has_it(office):
    _, path = office.subscribe()
    tag, packed = (office.get(path, accept_encoding=one).headers["etag"] for one in ("identity", "gzip"))
    modified = office.get(path).headers["last-modified"]
    earlier = format_datetime(parsedate_to_datetime(modified) - timedelta(seconds=1), usegmt=True)
    for header in (tag, packed, f"W/{tag}", f'"x", {tag}', f'"x",W/{packed} , "y"', "*"):
        answer = office.get(path, 304, if_none_match=header)
        assert (answer.content, answer.headers["cache-control"]) == (b"", "private, max-age=900")
        assert {"etag", "vary", "last-modified"} <= set(answer.headers)
        assert not {"content-length", "content-type"} & set(answer.headers)
    office.get(path, 304, if_modified_since=modified)
    office.get(path, 304, if_none_match=tag, if_modified_since=earlier)
    for asked in ({"if_none_match": '"x"'}, {"if_none_match": tag.strip('"')},
                  {"if_none_match": '"x"', "if_modified_since": modified},  # the tag has the last word
                  {"if_modified_since": earlier}, {"if_modified_since": "hôm qua".encode()},
                  {"if_modified_since": "yesterday"}):  # fmt: skip
        office.get(path, 200, **asked)
    assert office.door.answered[304] == 8


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_a_calendar_is_only_read(office, method):
    _, path = office.subscribe()
    answer = office.client.request(method, path, content=b"x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_other_pages_go_on_to_the_application(office):
    assert office.get("/khac").json() == "trang khác"


# ---------------------------------------------------------------- what changes


def test_a_moved_a_cancelled_and_an_emptied_calendar(office, begin):
    _, path = office.subscribe("agency/BDT")
    first = office.get(path)
    assert office.uids(path) == [ONE, TWO]
    revise(begin, 2, last_on_time=TODAY)
    assert office.refresher.refresh_once().rendered == 1
    moved = {str(event["uid"]): event for event in Calendar.from_ical(office.get(path).content).events}[TWO]
    assert (moved["dtstart"].dt, moved["sequence"]) == (TODAY, 1)
    revise(begin, 2, status="cancelled", cancelled_on=TODAY)
    office.refresher.refresh_once()
    assert "SUMMARY:ĐÃ HỦY: Báo cáo 2" in office.get(path).text
    for number in (1, 2):
        revise(begin, number, placing="waiting", status="planned")
    office.refresher.refresh_once()
    assert office.uids(path) == ["agency.BDT.empty@dondoc"]
    # the clock stood still, yet a client that goes by the date alone sees every change
    office.get(path, 200, if_modified_since=first.headers["last-modified"])
    assert parsedate_to_datetime(office.get(path).headers["last-modified"]) == office.moment + timedelta(seconds=3)


def test_only_calendars_it_stands_in_are_built_again(office, begin):
    for owner in ("all", "agency/BDT", "agency/STC", "kind/inspection"):
        office.subscribe(owner)
    assert office.refresher.refresh_once() == Refreshed()
    revise(begin, 2, last_on_time=TODAY)
    done = office.refresher.refresh_once()
    assert (done.rendered, done.rebuilt, done.written > 0) == (1, 2, True)
    assert office.refresher.refresh_once() == Refreshed()


def test_two_builds_at_different_clocks_have_the_same_tag(office, tmp_path):
    _, path = office.subscribe()
    before = office.get(path)
    office.moment += timedelta(days=40)
    (tmp_path / "feeds.db").rename(tmp_path / "old.db")
    office.start_again(office.engine)
    office.refresher.refresh_once()
    after = office.get(path)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


def test_other_options_under_the_same_address(office):
    number, path = office.subscribe()
    keys = set(office.shelf.feeds)
    office.act(change_options, number, "Lịch", Options(kinds=("inspection",)), "Hoa", AT)
    assert office.uids(path) == [THREE]
    assert not keys & set(office.shelf.feeds)  # nobody has the old wish any more


def test_equal_wishes_are_built_once(office):
    paths = [office.subscribe("agency/SYT")[1]]
    office.moment += timedelta(minutes=3)
    paths.append(office.subscribe("agency/SYT")[1])
    assert (len(set(paths)), len(office.shelf.feeds)) == (2, 1)
    assert office.get(paths[0]).headers["etag"] == office.get(paths[1]).headers["etag"]


def test_a_former_address_leads_to_the_present_one_for_thirty_days(office):
    number, former = office.subscribe()
    token, _ = office.act(rotate_subscription, number, "Hoa", AT, office.moment, SECRET)
    answer = office.get(former, 308)
    present = f"/lich/{token}.ics"
    assert answer.headers["location"] == f"https://dondoc.example.vn{present}"
    assert office.get(present).status_code == 200
    office.moment += timedelta(days=30)
    office.get(former, 404)
    office.get(f"/lich/{token}.ics")


def test_a_withdrawn_calendar_says_so_for_sixty_days_and_is_then_gone(office):
    number, path = office.subscribe("agency/SYT")
    token, _ = office.act(rotate_subscription, number, "Hoa", AT, office.moment, SECRET)
    office.act(revoke_subscription, number, "Hoa", AT, office.moment)
    for address in (path, f"/lich/{token}.ics"):  # the former address leads nowhere any more
        assert office.uids(address) == [f"subscription.{number}.revoked@dondoc"]
    office.moment += timedelta(days=60)
    for address in (path, f"/lich/{token}.ics"):
        assert "thu hồi" in office.get(address, 410).text


# ---------------------------------------------------------------- strangers


def test_ten_thousand_wrong_tokens(office):
    _, path = office.subscribe()
    counted = {404: 0, 429: 0}

    async def ask(number):
        wrong = f"/lich/{hashlib.sha256(str(number).encode()).hexdigest()[:43]}.ics"
        scope = {"type": "http", "method": "GET", "path": wrong, "headers": [], "client": ("127.0.0.1", number)}
        await office.door(scope, None, note)

    async def note(message):
        if message["type"] == "http.response.start":
            counted[message["status"]] += 1

    async def ask_all():
        for number in range(10_000):
            await ask(number)

    asyncio.run(ask_all())
    assert counted == {404: WRONG_TOKENS, 429: 10_000 - WRONG_TOKENS}
    assert office.get("/lich/x.ics", 429).headers["retry-after"] == "600"
    office.get(path)  # a known one is answered all the same


@pytest.mark.parametrize(
    "path", ["/lich/", "/lich/.ics", "/lich/x", "/lich/../khac", "/lich/%00.ics", "/lich/%ff.ics", "/lich/a/b.ics"]
)
def test_what_is_no_address(office, path):
    _, known = office.subscribe()
    assert office.client.get(path).status_code == 404 or path.endswith("/khac")
    office.get(known.removesuffix(".ics"), 404)
    office.get(known.replace(".ics", "x.ics"), 404)
    office.get(known + "?x=1")


def test_tokens_stand_nowhere(office, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    number, path = office.subscribe()
    token, _ = office.act(rotate_subscription, number, "Hoa", AT, office.moment, SECRET)
    office.get(path, 308)
    office.get(f"/lich/{token}.ics")
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    for secret in (token, path[6:-4]):
        assert secret.encode() not in kept
    ours = ("portal", "calendars", "office", "models")
    said = [record.getMessage() for record in caplog.records if record.name.startswith(ours)]
    assert not [line for line in said if token in line or path in line]


# ---------------------------------------------------------------- while the database is away


def test_calendars_are_served_while_the_database_is_away_and_after_a_restart(office, begin):
    _, path = office.subscribe()
    number, former = office.subscribe("agency/SYT")
    office.act(rotate_subscription, number, "Hoa", AT, office.moment, SECRET)
    before = office.get(path)
    away = reach_store(f"postgresql+psycopg://x@127.0.0.1:{free_port()}/x")
    for _ in range(2):
        office.start_again(away)
        with pytest.raises(StoreUnusable):
            office.refresher.refresh_once()
        after = office.get(path)
        assert (after.content, after.headers["last-modified"]) == (before.content, before.headers["last-modified"])
        office.get(path, 304, if_none_match=before.headers["etag"])
        office.get(former, 308)
    revise(begin, 2, last_on_time=TODAY)
    office.start_again(office.engine)
    office.refresher.refresh_once()
    assert office.get(path).content != before.content


def test_the_thread_tells_once_that_the_database_is_away_and_comes_back_by_itself(office, begin, caplog):
    caplog.set_level(logging.INFO)
    _, path = office.subscribe()
    before = office.get(path).content
    office.desk = Desk(Settings(home=office.home), office, office.engine, office.desk.links, SECRET)
    refresher, failing = FeedRefresher(office.desk, office.shelf, interval=0.01), [True]
    look = refresher.refresh_once
    tries = []

    def sometimes():
        tries.append(1)
        if failing:
            raise StoreUnusable("đang tắt")
        return look()

    refresher.refresh_once = sometimes
    refresher.start()
    until(lambda: len(tries) > 3)
    revise(begin, 2, last_on_time=TODAY)
    failing.clear()
    refresher.wake()
    until(lambda: office.get(path).content != before)
    refresher.stop()
    actions = [record.action for record in caplog.records if getattr(record, "action", "").startswith("feeds.")]
    assert actions == ["feeds.away", "feeds.back"]


def until(is_so):
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_older_copy_of_the_database_is_followed(office):
    _, kept = office.subscribe("agency/SYT")
    office.moment += timedelta(minutes=3)
    lost, lost_path = office.subscribe("kind/report")
    with writing(office.engine) as connection:
        connection.execute(Subscription.__table__.delete().where(Subscription.id == lost))
        connection.execute(Feed.__table__.update().values(changed=1))
    office.refresher.refresh_once()
    office.get(kept)
    office.get(lost_path, 404)
    assert len(office.shelf.feeds) == 1


def test_an_empty_database_is_more_likely_the_wrong_one(office):
    _, path = office.subscribe()
    with writing(office.engine) as connection:
        connection.execute(Subscription.__table__.delete())
        touch_feeds(connection, {"all": "Tất cả"}, TODAY)
    office.refresher.refresh_once()
    office.get(path)


def test_a_mistake_in_the_programmes_does_not_stop_calendars(office, begin, tmp_path):
    _, path = office.subscribe()
    before = office.get(path).content
    (tmp_path / "hong").mkdir()
    (tmp_path / "hong" / "agencies.yaml").write_text("{", encoding="utf-8")
    object.__setattr__(office.desk, "settings", Settings(home=tmp_path, programmes=tmp_path / "hong"))
    revise(begin, 2, last_on_time=TODAY)
    office.refresher.refresh_once()
    assert office.get(path).content != before


# ---------------------------------------------------------------- the file


def test_a_spoilt_file_is_made_anew(office, tmp_path):
    _, path = office.subscribe()
    office.shelf.close()
    (tmp_path / "feeds.db").write_bytes(b"kh\xc3\xb4ng ph\xe1\xba\xa3i " * 999)
    office.start_again(office.engine)
    assert office.shelf.feeds == {}
    office.refresher.refresh_once()
    office.get(path)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "tep").write_text("")
    with pytest.raises(ShelfUnusable, match="Không mở được tệp lịch"):
        FeedShelf(tmp_path / "tep" / "feeds.db")


def test_a_full_disk_stops_no_calendar(office, begin, caplog):
    _, path = office.subscribe()
    before = office.get(path).content
    office.shelf._file.execute("PRAGMA query_only = 1")
    revise(begin, 2, last_on_time=TODAY)
    office.refresher.refresh_once()
    assert office.get(path).content != before
    assert [record.action for record in caplog.records if hasattr(record, "action")] == ["feeds.unkept"]


def test_bytes_that_do_not_fit_in_memory_come_from_the_file(office, tmp_path):
    paths = [office.subscribe(owner)[1] for owner in ("all", "agency/SYT", "agency/BDT")]
    whole = [office.get(path).content for path in paths]
    small = FeedShelf(tmp_path / "feeds.db", bytes_in_memory=100)
    office.shelves.append(small)
    office.door._shelf = small
    assert any(kept.plain is None for kept in small.feeds.values())
    assert [office.get(path, accept_encoding=how).content for path in paths for how in ("gzip", "identity")] == [
        content for content in whole for _ in range(2)
    ]


# ---------------------------------------------------------------- counting


def test_who_asked_is_noted_now_and_then(office):
    _, path = office.subscribe()
    for _ in range(3):
        office.get(path, user_agent="khal/0.11")
    with writing(office.engine) as connection:
        assert connection.execute(select(Subscription.asked)).scalar_one() == 0  # not at every request
    office.refresher.note_asked()
    with writing(office.engine) as connection:
        row = connection.execute(select(Subscription.asked, Subscription.asked_at, Subscription.asked_by)).one()
    assert tuple(row) == (3, office.moment, "khal/0.11")


def test_what_could_not_be_noted_is_noted_the_next_time(office):
    _, path = office.subscribe()
    office.get(path)
    busy = sqlite3.connect(office.home / "dondoc.db", isolation_level=None)
    with office.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    busy.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnusable):
        office.refresher.note_asked()
    busy.execute("ROLLBACK")
    busy.close()
    office.get(path)
    office.refresher.note_asked()
    with writing(office.engine) as connection:
        assert connection.execute(select(Subscription.asked)).scalar_one() == 2


def test_numbers_for_prometheus(office):
    _, path = office.subscribe()
    office.get(path)
    office.get("/lich/x.ics", 404)
    numbers = {metric.name: metric.samples for metric in FeedNumbers(office.refresher).collect()}
    assert numbers["dondoc_feeds"][0].value == 1
    assert 0 <= numbers["dondoc_feeds_age_seconds"][0].value < 600
    assert {one.labels["status"]: one.value for one in numbers["dondoc_feed_answers"]} == {"200": 1, "404": 1}
