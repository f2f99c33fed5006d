"""The words of a programme and of its notices: kinds of items, roles, posts, channels, and how they are said."""

from __future__ import annotations

from enum import StrEnum


class ItemKind(StrEnum):
    """What one line of a programme asks for."""

    CONFERENCE = "conference"
    MEETING = "meeting"
    INSPECTION = "inspection"
    SUPERVISION = "supervision"
    REPORT = "report"
    REGISTRATION = "registration"
    REVIEW = "review"
    EVALUATION = "evaluation"
    TRAINING = "training"
    STUDY_TOUR = "study_tour"
    ISSUE_DOCUMENT = "issue_document"
    PREPARATION = "preparation"
    PROJECT_TASK = "project_task"
    APPENDIX_TASK = "appendix_task"
    STANDING_TASK = "standing_task"
    COMMUNICATION = "communication"
    SURVEY = "survey"
    DATA_COLLECTION = "data_collection"
    BUDGET_TASK = "budget_task"
    APPRAISAL = "appraisal"
    SUPPORT = "support"
    REWARD_SANCTION = "reward_sanction"
    HEADING = "heading"


KIND_NAMES: dict[ItemKind, str] = {
    ItemKind.CONFERENCE: "Hội nghị",
    ItemKind.MEETING: "Họp",
    ItemKind.INSPECTION: "Kiểm tra",
    ItemKind.SUPERVISION: "Giám sát",
    ItemKind.REPORT: "Báo cáo",
    ItemKind.REGISTRATION: "Đăng ký",
    ItemKind.REVIEW: "Rà soát, kiểm điểm",
    ItemKind.EVALUATION: "Đánh giá",
    ItemKind.TRAINING: "Tập huấn",
    ItemKind.STUDY_TOUR: "Học tập kinh nghiệm",
    ItemKind.ISSUE_DOCUMENT: "Ban hành văn bản",
    ItemKind.PREPARATION: "Chuẩn bị nội dung",
    ItemKind.PROJECT_TASK: "Dự án, tiểu dự án",
    ItemKind.APPENDIX_TASK: "Nhiệm vụ theo phụ lục",
    ItemKind.STANDING_TASK: "Nhiệm vụ thường xuyên",
    ItemKind.COMMUNICATION: "Truyền thông",
    ItemKind.SURVEY: "Khảo sát, thống kê",
    ItemKind.DATA_COLLECTION: "Thu thập thông tin",
    ItemKind.BUDGET_TASK: "Kinh phí, dự toán",
    ItemKind.APPRAISAL: "Thẩm định",
    ItemKind.SUPPORT: "Hỗ trợ, phối hợp",
    ItemKind.REWARD_SANCTION: "Khen thưởng, phê bình",
    ItemKind.HEADING: "Đề mục",
}


# what is held on a day, so that a window alone is not enough to go by
HELD_ON_A_DAY = frozenset(
    {
        ItemKind.CONFERENCE,
        ItemKind.MEETING,
        ItemKind.INSPECTION,
        ItemKind.SUPERVISION,
        ItemKind.TRAINING,
        ItemKind.STUDY_TOUR,
    }
)


class Role(StrEnum):
    """What an agency has to do with an occurrence."""

    LEAD = "lead"
    PARTICIPANT = "participant"
    INSPECTED = "inspected"
    RECIPIENT = "recipient"


ROLE_NAMES: dict[Role, str] = {
    Role.LEAD: "Chủ trì",
    Role.PARTICIPANT: "Phối hợp",
    Role.INSPECTED: "Được kiểm tra",
    Role.RECIPIENT: "Nơi nhận",
}


class Placing(StrEnum):
    """How an occurrence stands in time."""

    DEADLINE = "deadline"
    WINDOW = "window"
    FIXED = "fixed"
    WAITING = "waiting"
    EXTERNAL = "external"
    CONTINUOUS = "continuous"
    AD_HOC = "ad_hoc"
    UNSPECIFIED = "unspecified"


PLACING_NAMES: dict[Placing, str] = {
    Placing.DEADLINE: "có hạn",
    Placing.WINDOW: "dự kiến trong khoảng",
    Placing.FIXED: "đã có ngày",
    Placing.WAITING: "chờ văn bản hoặc sự việc",
    Placing.EXTERNAL: "theo văn bản khác",
    Placing.CONTINUOUS: "thường xuyên",
    Placing.AD_HOC: "đột xuất",
    Placing.UNSPECIFIED: "chưa nêu thời gian",
}


SECRET_TITLE = "Việc mật"  # noqa: S105 - what everybody reads instead of a secret matter's title

# what a person may have to decide, in the order a secretary would ask
DECISION_NAMES: dict[str, str] = {
    "draft": "Còn là dự thảo",
    "incomplete": "Bản chép thiếu số, ngày văn bản",
    "no_date": "Không có ngày nào",
    "clash": "Gợi ý tránh chồng lịch",
    "fix_date": "Chờ ấn định ngày",
    "team": "Chờ phân công đoàn",
    "open_group": "Chưa nêu tên cơ quan",
    "handover": "Cơ quan đã kết thúc, chờ bàn giao",
    "assumed": "Ngày giả định, chờ xác nhận",
    "beyond_period": "Văn bản đã hết giai đoạn",
    "waiting": "Chờ văn bản hoặc sự việc",
    "external": "Thời gian ở văn bản khác",
    "unspecified": "Văn bản chưa nêu thời gian",
    "outside_period": "Hạn ở ngoài giai đoạn",
    "unmatched_fix": "Ngày ấn định không khớp",
}


# what changed in an occurrence, for people; what is not listed follows from what is
FIELD_NAMES: dict[str, str] = {
    "title": "tên việc",
    "kind": "loại việc",
    "placing": "thời gian",
    "first": "từ ngày",
    "last": "đến ngày",
    "starts": "từ giờ",
    "ends": "đến giờ",
    "duration_days": "số ngày",
    "named_date": "ngày nêu",
    "last_on_time": "ngày cuối",
    "work_by": "nên xong",
    "tentative": "dự kiến",
    "phrase": "cụm từ",
    "fixed_by": "ấn định theo",
    "place": "nơi",
    "team": "đoàn",
    "round": "đợt",
    "product": "sản phẩm",
    "headcount": "số người",
    "budget_central": "ngân sách trung ương",
    "budget_local": "ngân sách địa phương",
    "status": "trạng thái",
    "marked_on": "ngày trên lịch",
    "note": "ghi chú",
    "secret": "việc mật",
    "lead": "chủ trì",
    "participant": "phối hợp",
    "inspected": "được kiểm tra",
    "recipient": "nơi nhận",
}


class Post(StrEnum):
    """What a person does in their agency; it decides which notices they hear."""

    FOCAL = "focal"
    HEAD = "head"
    DEPUTY = "deputy"
    CHAIR = "chair"
    SECRETARIAT = "secretariat"


POST_NAMES: dict[Post, str] = {
    Post.FOCAL: "Đầu mối",
    Post.HEAD: "Thủ trưởng",
    Post.DEPUTY: "Cấp phó",
    Post.CHAIR: "Trưởng ban",
    Post.SECRETARIAT: "Thư ký",
}


class Target(StrEnum):
    """Whom a rung of the ladder names; each is found among the contacts when the notice is planned."""

    FOCAL = "focal"
    HEAD = "head"
    DEPUTY = "deputy"
    LEAD = "lead"
    PARTICIPANTS = "participants"
    INSPECTED = "inspected"
    STANDING_AGENCY = "standing_agency"
    COLLECTOR = "collector"
    CHAIR = "chair"
    SECRETARIAT = "secretariat"


class ChannelKind(StrEnum):
    """Ways to reach somebody; ``apprise`` is any address Apprise understands, kept as a reference."""

    MAIL = "mail"
    ZALO = "zalo"
    SMS = "sms"
    APPRISE = "apprise"


PAID = frozenset({ChannelKind.ZALO, ChannelKind.SMS})  # an outcome nobody knows is never sent again by itself


class Action(StrEnum):
    """What a rung does on its day."""

    REMIND = "remind"
    ESCALATE = "escalate"
    NAME_MISSING = "name_missing"
    DRAFT_LETTER = "draft_letter"
    LIST_FOR_CHAIR = "list_for_chair"
    MARK_RATING = "mark_rating"
