"""What people do on the pages, as they do it: they follow links, type and press buttons. No script is needed."""

import re

from tests.portal.conftest import DIGITS

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
REPORT = "Báo cáo kết quả thực hiện Chương trình hành động và Nghị quyết số 17-NQ/TU"
LATE = "QUÁ HẠN 5 ngày làm việc"  # in the subject of a mail about those reports
PASSWORD = "núi rừng sông suối nương rẫy"


class Person:
    """Somebody before one window."""

    def __init__(self, office, watched):
        self.office, self.watched, self.page = office, watched, watched.page

    def open(self, path):
        """Goes to an address of the portal, or a whole one."""
        return self.page.goto(path if path.startswith("http") else self.office.portal + path)

    def follow(self, words, within="main"):
        """The link whose text begins so."""
        self.page.locator(f"{within} a", has_text=words).first.click()

    def press(self, words):
        """The button whose text begins so."""
        self.page.get_by_role("button", name=words).first.click()

    def read(self):
        """What the page's main part says."""
        return self.page.locator("main").inner_text()

    def note(self):
        """What the page says was done."""
        return self.page.locator("main .note").first.inner_text()


class AgencyPerson(Person):
    """Somebody of an agency, who has a mail with the personal link."""

    def enter(self, link):
        """Opens the personal link of a mail, reads the digits said in words, and types them."""
        self.open(link)
        self.type_digits()
        self.press("Vào trang")
        assert self.page.url.endswith("/co-quan"), self.read()

    def type_digits(self):
        """The digits the page says in words."""
        words = self.page.locator(".digits").inner_text().split(" – ")
        self.page.fill("#code", "".join(str(DIGITS[word]) for word in words))

    def open_report(self):
        """The duty of the reports of 10 December 2024; those of the years before stand on the page too."""
        self.open("/co-quan")
        self.page.locator("h3 a[href*='S2-02/2024']").click()

    def hand_in(self, how, number, *, name, file=None):
        """The duty that is open on the page, in part ("phan") or in full ("du")."""
        self.follow("Nộp")
        self.page.check(f"#how-{how}")
        self.page.fill("#number", number)
        self.page.fill("#date", "2024-12-16")
        if file:
            self.page.set_input_files("#files", {"name": file, "mimeType": "application/pdf", "buffer": PDF})
        self.page.fill("#name", name)
        self.press("Nộp")
        assert "/co-quan/bien-nhan/" in self.page.url, self.read()

    def ask_more_time(self, until, why):
        """For the duty that is open on the page."""
        self.follow("Xin gia hạn")
        self.page.fill("#until", until)
        self.page.fill("#why", why)
        self.press("Gửi đề nghị")

    def subscribe(self, title):
        """A new calendar of one's own; its address."""
        self.open("/co-quan/lich")
        self.page.fill("#title", title)
        self.press("Tạo địa chỉ")
        return self.page.input_value("#address")


class OfficePerson(Person):
    """The secretariat, the chair, an administrator."""

    def sign_in(self, name, password):
        """At the entrance."""
        self.open("/dang-nhap")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.press("Đăng nhập")

    def choose_password(self, old, new):
        """On the page that asks for a new one."""
        for field, typed in (("now", old), ("new", new), ("again", new)):
            self.page.fill(f"#{field}", typed)
        self.press("Đổi mật khẩu")

    def enter_first_time(self, name, password):
        """With a password somebody else made, which is asked to be changed; where the person was led."""
        self.sign_in(name, password)
        led_to = self.page.url
        self.choose_password(password, PASSWORD)
        return led_to

    def add_account(self, name, shown, role):
        """As an administrator; the password that is shown once."""
        self.open("/quan-tri")
        self.page.fill("#name", name)
        self.page.fill("#shown", shown)
        self.page.select_option("#role", role)
        self.press("Lập tài khoản")
        return self.page.locator(".digits").inner_text()

    def choose_day(self, occurrence, day, **fields):
        """Fills the form of a date, and looks at what it would do."""
        self.open(f"/thu-ky/an-dinh/{occurrence}")
        if self.page.locator("#choice-own").count():
            self.page.check("#choice-own")
        for field, typed in {"first": day, **fields}.items():
            self.page.fill(f"#{field}", typed)
        self.press("Xem trước")

    def fix(self, occurrence, day, **fields):
        """Chooses a day and confirms it."""
        self.choose_day(occurrence, day, **fields)
        self.press(re.compile("^(Ấn định|Đổi ngày)$"))
        assert self.page.url.endswith(("?done=fixed", "?done=moved")), self.read()

    def publish(self):
        """The sheet that is open on the page."""
        self.page.locator("summary", has_text="Công bố bản này").click()
        self.press("Công bố")

    def do(self, deed, occurrence, document, button):
        """Cancels ("huy") or takes back ("khoi-phuc"); what the page said before it was confirmed."""
        self.open(f"/thu-ky/{deed}/{occurrence}")
        self.page.fill("#document", document)
        self.press("Xem trước")
        shown = self.read()
        self.press(button)
        return shown


def event_of(calendar, title):
    """The lines of a calendar's event with this title, unfolded."""
    text = re.sub(r"\r\n[ \t]", "", calendar)
    return next(part for part in text.split("BEGIN:VEVENT")[1:] if title in part)
