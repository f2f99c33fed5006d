"""What an event says beside the paper's own words, and its English; pure. Titles and quotations stay Vietnamese."""

from __future__ import annotations

from typing import Protocol

from calendars.wording import Language
from models.kinds import KIND_NAMES, SECRET_TITLE, ItemKind


class Say(Protocol):
    """Says a Vietnamese sentence in one language; ``{name}`` in it is filled in."""

    def __call__(self, sentence: str, **values: object) -> str:
        """The sentence, filled in."""


ENGLISH: dict[str, str] = {
    "(không có tên)": "(without a name)",
    SECRET_TITLE: "Secret matter",
    # in front of a title
    "ĐÃ HỦY: {title}": "CANCELLED: {title}",
    "[Dự thảo]": "[Draft]",
    "[Dự kiến {when}]": "[Planned {when}]",
    "ĐÃ NỘP:": "HANDED IN:",
    "ĐƯỢC MIỄN:": "EXCUSED:",
    "HẠN (giả định):": "DUE (assumed):",
    "HẠN:": "DUE:",
    "[Dự kiến]": "[Tentative]",
    # labels of the description
    "Hạn": "Due",
    "Thời gian": "When",
    "Giờ": "Hours",
    "Mã việc": "Code",
    "Kéo dài": "Lasts",
    "Văn bản ghi": "The paper says",
    "Theo": "According to",
    "Còn thiếu": "Still open",
    "Chủ trì": "Lead",
    "Phối hợp": "With",
    "Được kiểm tra": "Inspected",
    "Nơi nhận": "Recipients",
    "Đoàn kiểm tra": "Inspection team",
    "Đợt": "Round",
    "Sản phẩm": "Product",
    "Số người": "People",
    "Kinh phí": "Budget",
    "Ghi chú": "Note",
    "Chương trình": "Programme",
    "Tình trạng": "Standing",
    "Cách tính": "How it was read",
    # what stands behind them
    "{days} ngày": "{days} days",
    "{paper}, dòng {line}": "{paper}, line {line}",
    "chương trình còn là dự thảo, chưa có số và ngày ban hành": "the programme is a draft, without number and date",
    "ngày cụ thể (sẽ có theo {source})": "the day (to come with {source})",
    "ngày cụ thể": "the day",
    "cơ quan chủ trì": "the leading agency",
    "đoàn kiểm tra": "the inspection team",
    "đơn vị được kiểm tra": "who is inspected",
    "chậm nhất ngày {day}": "by {day}",
    "trước ngày {day}": "before {day}",
    "ngày cuối {day}": "last day {day}",
    "gia hạn đến {day}": "extended to {day}",
    "trả lại để sửa, nộp lại chậm nhất {day}": "sent back for correction, due again by {day}",
    "nên xong {day}": "work done by {day}",
    "ngày này là giả định, văn bản không nêu ngày": "the day is assumed, the paper names none",
    "từ {first} đến {last}": "{first} to {last}",
    "{said}; có hiệu lực từ {day}": "{said}; in force from {day}",
    "trước {hour}": "before {hour}",
    "từ {hour}": "from {hour}",
    "{names}; và {count} cơ quan, đơn vị khác": "{names}; and {count} other bodies",
    "{number} người": "{number} people",
    "khoảng {number} người": "about {number} people",
    "trung ương": "central",
    "địa phương": "local",
    "{sum} triệu đồng ({parts})": "{sum} million VND ({parts})",
    # what a calendar without events, or one that was ended, says
    "Lịch này chưa có ngày nào được ấn định: {title}": "Nothing in this calendar has a day yet: {title}",
    "Chưa có việc nào trong lịch này được ấn định ngày. Khi có ngày, lịch tự cập nhật.": (
        "Nothing in this calendar has been given a day. It will appear by itself."
    ),
    "Chương trình có {items} việc.": "The programme has {items} lines.",
    "Chương trình có {items} việc, trong đó {undated} việc chưa có thời gian cụ thể.": (
        "The programme has {items} lines, {undated} of them without a time."
    ),
    "Có {decisions} nội dung đang chờ người có thẩm quyền quyết định.": "{decisions} matters wait for a decision.",
    "Địa chỉ lịch này đã thu hồi: {title}": "This calendar's address has been withdrawn: {title}",
    "Lịch này không cập nhật nữa. Hãy xóa lịch khỏi chương trình lịch, rồi xin địa chỉ mới nếu còn cần.": (
        "This calendar is no longer kept up. Remove it from your calendar program, and ask for a new address if needed."
    ),
    "Nhắc việc": "Reminder",
}
KINDS_IN_ENGLISH: dict[ItemKind, str] = {
    ItemKind.CONFERENCE: "Conference",
    ItemKind.MEETING: "Meeting",
    ItemKind.INSPECTION: "Inspection",
    ItemKind.SUPERVISION: "Supervision",
    ItemKind.REPORT: "Report",
    ItemKind.REGISTRATION: "Registration",
    ItemKind.REVIEW: "Review",
    ItemKind.EVALUATION: "Evaluation",
    ItemKind.TRAINING: "Training",
    ItemKind.STUDY_TOUR: "Study tour",
    ItemKind.ISSUE_DOCUMENT: "Issuing a document",
    ItemKind.PREPARATION: "Preparation",
    ItemKind.PROJECT_TASK: "Project",
    ItemKind.APPENDIX_TASK: "Task of an appendix",
    ItemKind.STANDING_TASK: "Standing task",
    ItemKind.COMMUNICATION: "Communication",
    ItemKind.SURVEY: "Survey",
    ItemKind.DATA_COLLECTION: "Collecting data",
    ItemKind.BUDGET_TASK: "Budget",
    ItemKind.APPRAISAL: "Appraisal",
    ItemKind.SUPPORT: "Support",
    ItemKind.REWARD_SANCTION: "Commendation, criticism",
    ItemKind.HEADING: "Heading",
}


def words_in(language: Language) -> Say:
    """How events of a language say things."""
    return _in_english if language == "en" else _in_vietnamese


def say_kind(kind: str, language: Language) -> str:
    """A kind's name; one nobody has named stays as it is."""
    if kind not in set(ItemKind):
        return kind
    return (KINDS_IN_ENGLISH if language == "en" else KIND_NAMES)[ItemKind(kind)]


def _in_vietnamese(sentence: str, **values: object) -> str:
    return sentence.format(**values) if values else sentence


def _in_english(sentence: str, **values: object) -> str:
    return _in_vietnamese(ENGLISH[sentence], **values)
