"""What Prefect is started with: names it knows, values it understands, nothing of the person's own."""

import os
import subprocess
import sys

import pytest

from office.prefect_environment import environment_for_prefect, prefect_environment
from office.settings import read_settings

ASK_PREFECT = """
import json, os
from pydantic import AliasChoices
from prefect.settings import Settings, get_current_settings

def names(model):
    for field in model.model_fields.values():
        choices = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else []
        yield from (choice.upper() for choice in choices if isinstance(choice, str))
        kind = field.annotation
        if hasattr(kind, "model_fields"):
            prefix = kind.model_config["env_prefix"]
            yield from ((prefix + name).upper() for name in kind.model_fields)
            yield from names(kind)

known = set(names(Settings)) | {("PREFECT_" + name).upper() for name in Settings.model_fields}
current = get_current_settings()
scheduler = current.server.services.scheduler
vacuum = current.server.services.db_vacuum
print(json.dumps({
    "unknown": sorted(name for name in os.environ if name.startswith("PREFECT_") and name not in known),
    "home": str(current.home),
    "profiles": str(current.profiles_path),
    "database": current.server.database.connection_url.get_secret_value(),
    "api": current.api.url,
    "screen": current.server.ui.api_url,
    "ahead": [scheduler.min_scheduled_time.days, scheduler.max_scheduled_time.days, scheduler.max_runs],
    "kept": [sorted(vacuum.enabled_vacuum_types), vacuum.retention_period.days],
    "reports": [current.server.analytics_enabled, current.server.ui.show_promotional_content],
    "hidden_server": current.server.ephemeral.enabled,
    "leases": current.server.concurrency.lease_storage,
    "other_pages": [current.server.api.cors_allowed_origins, current.server.api.csrf_protection_enabled],
}))
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path / "Văn phòng số 1"))
    monkeypatch.setenv("DONDOC_PREFECT_PORT", "4321")
    return read_settings()


def ask_prefect(environment: dict[str, str]) -> dict:
    import json

    answer = subprocess.run([sys.executable, "-c", ASK_PREFECT], env=environment, capture_output=True, check=True)
    return json.loads(answer.stdout)


def test_prefect_knows_every_name_and_understands_every_value(settings, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://api.prefect.cloud/of/the/person")
    monkeypatch.setenv("PREFECT_PROFILE", "theirs")
    home = settings.prefect_home
    assert ask_prefect(environment_for_prefect(settings)) == {
        "unknown": [],
        "home": str(home),
        "profiles": str(home / "profiles.toml"),
        "database": f"sqlite+aiosqlite:///{home}/prefect.db",
        "api": "http://127.0.0.1:4321/api",
        "screen": "http://127.0.0.1:4321/api",
        "ahead": [370, 400, 400],
        "kept": [["events", "flow_runs", "orphans"], 400],
        "reports": [False, False],
        "hidden_server": False,
        "leases": "prefect.server.concurrency.lease_storage.filesystem",
        "other_pages": ["http://127.0.0.1:4321", True],
    }


def test_a_misspelt_name_would_be_found(settings):
    misspelt = environment_for_prefect(settings) | {"PREFECT_SERVER_UI_API_ADDRESS": "x"}
    assert ask_prefect(misspelt)["unknown"] == ["PREFECT_SERVER_UI_API_ADDRESS"]


def test_whatever_is_not_prefects_is_kept(settings, monkeypatch):
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "1")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment = environment_for_prefect(settings)
    assert kept.items() - environment.items() <= {
        ("NO_PROXY", kept.get("NO_PROXY")),
        ("no_proxy", kept.get("no_proxy")),
    }
    assert prefect_environment(settings).items() <= environment.items()
    assert environment["PREFECT_SERVER_API_PORT"] == "4321"


def test_this_machine_is_never_reached_through_a_proxy(settings, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.tinh.gov.vn:3128")
    monkeypatch.setenv("NO_PROXY", "tinh.gov.vn")
    environment = environment_for_prefect(settings)
    assert environment["NO_PROXY"] == environment["no_proxy"] == "tinh.gov.vn,127.0.0.1,localhost"
