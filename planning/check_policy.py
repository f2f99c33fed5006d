"""What can be wrong with a ladder of reminders: rungs twice, rungs that could never be right. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from models.kinds import Action
from planning.definitions import EventStepDefinition, PolicyDefinition, StepDefinition, WindowStepDefinition
from planning.mistakes import twice
from planning.yaml_files import Place, Problem, Source

FARTHEST = 250  # working days, about a year: what is farther is a slip of the pen
Step = StepDefinition | EventStepDefinition | WindowStepDefinition


def check_policy(policy: PolicyDefinition, source: Source, taken: Collection[str]) -> Iterator[Problem]:
    """Each rung once, and possible on its day; ``taken`` are the codes other files have."""
    if policy.code in taken:
        yield source.problem(("code",), f"Mã thang nhắc việc {policy.code} đã có ở tệp khác.", "Đặt mã khác.")
    for ladder in ("deadlines", "events", "windows"):
        steps: tuple[Step, ...] = getattr(policy, ladder)
        yield from _check_names(ladder, steps, source)
        yield from _check_doubles(ladder, steps, source)
        for number, step in enumerate(steps):
            yield from _check_step(step, (ladder, number), source)


def _check_names(ladder: str, steps: tuple[Step, ...], source: Source) -> Iterator[Problem]:
    names = [step.step for step in steps]

    def complain(name: str) -> Problem:
        last = len(names) - 1 - names[::-1].index(name)
        return source.problem((ladder, last, "step"), f"Mã bậc {name} dùng hai lần.", "Đặt mã khác.", name)

    yield from twice(names, complain)


def _check_doubles(ladder: str, steps: tuple[Step, ...], source: Source) -> Iterator[Problem]:
    """Two rungs that would say the same to the same people on the same day."""
    seen: dict[tuple[object, ...], str] = {}
    for number, step in enumerate(steps):
        means = (
            getattr(step, "at", None), step.working_days, getattr(step, "action", Action.REMIND), frozenset(step.to)
        )  # fmt: skip
        if means in seen:
            yield source.problem(
                (ladder, number),
                f"Bậc {step.step} trùng bậc {seen[means]}: cùng ngày, cùng việc, cùng người.",
                "Giữ lại một bậc.",
                step.step,
            )
        seen.setdefault(means, step.step)


def _check_step(step: Step, place: Place, source: Source) -> Iterator[Problem]:
    days: Place = (*place, "working_days")
    if abs(step.working_days) > FARTHEST:
        yield source.problem(
            days,
            f"Bậc {step.step} cách {step.working_days} ngày làm việc, quá xa.",
            f"Ghi từ -{FARTHEST} đến {FARTHEST} ngày làm việc.",
            step.step,
        )
    if len(set(step.to)) < len(step.to):
        yield source.problem((*place, "to"), f"Bậc {step.step} ghi một vai trò hai lần.", "Giữ lại một.", step.step)
    if isinstance(step, StepDefinition) and step.action is not Action.REMIND and step.working_days < 1:
        yield source.problem(
            days,
            f"Bậc {step.step} ({step.action.value}) chỉ được đặt sau hạn.",
            "Ghi working_days từ 1 trở lên, hoặc action: remind.",
            step.step,
        )
    if isinstance(step, WindowStepDefinition) and _is_outside(step):
        yield source.problem(
            days,
            f"Bậc {step.step} nằm ngoài khoảng thời gian nên không bao giờ nhắc.",
            "at: start thì ghi working_days từ 0 trở lên, at: end thì từ 0 trở xuống.",
            step.step,
        )


def _is_outside(step: WindowStepDefinition) -> bool:
    return (step.at == "start" and step.working_days < 0) or (step.at == "end" and step.working_days > 0)
