# The five commands. Each sets up what it needs; nothing has to be prepared by hand.
# make run [ONCE=1] [AT=2024-04-01|today]   make test [WORKERS=2]   make check   make bench
# make walk [YEAR=2024] [SCENARIO=on_time|silent|late] [PROGRAMME=DB-351-2022]

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test hard check walk bench format clients screenshots lock clean

help:
	@sed -n '1,3p' Makefile

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cần Python 3.11 trở lên: cài gói python3 mới hơn, hoặc đặt PYTHON=/đường/dẫn/python3.12." >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Thiếu gói python3-venv: chạy «apt-get install python3-venv» rồi thử lại." >&2; exit 2; }
	@echo "Chuẩn bị môi trường Python (lần đầu mất một, hai phút)…"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The documents shipped are of 2021 to 2025: without AT the clock is a demonstration's; an office says AT=today.
AT ?= $(or $(DONDOC_AT),2024-12-02)

run: $(READY)
	@exec $(BIN)/dondoc run $(if $(ONCE),--once) --at $(AT)

# two at a time: the tests wait for servers and browsers as much as they compute
test: $(READY)
	$(BIN)/python -m pytest --numprocesses $(or $(WORKERS),2) --dist loadfile --no-loadscope-reorder

hard: $(READY)
	$(BIN)/python -m pytest -m hard

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clients: $(READY)
	$(BIN)/python tests/clients/check.py

screenshots: $(READY)
	DONDOC_SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/journeys/test_guide_pictures.py

walk: $(READY)
	@$(BIN)/dondoc walk $(or $(YEAR),2024) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(PROGRAMME),--programme $(PROGRAMME))

bench: $(READY)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml --extra dev -o requirements.lock

clean:
	rm -rf $(VENV) .venvs var calendars/published .pytest_cache .mypy_cache .ruff_cache .hypothesis
