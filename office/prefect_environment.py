"""Every setting Prefect runs with here: each was chosen for a reason, none is left to a profile.

Prefect ignores a misspelt setting in silence, so a test asks Prefect itself whether it knows each name.
"""

from __future__ import annotations

import os

from office.settings import Settings


def prefect_environment(settings: Settings) -> dict[str, str]:
    """The variables that Prefect's server, worker, flow runs and our own registration are started with."""
    home, address = settings.prefect_home, settings.prefect_address
    return {
        # A home, a database and an address of this office's own: ~/.prefect is never read or written.
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home}/prefect.db",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(settings.prefect_port),
        "PREFECT_API_URL": f"{address}/api",
        # Without an address everything fails, instead of starting a hidden server with a database of its own.
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        # What the browser asks; without it the screen falls back to an address found in the environment.
        "PREFECT_SERVER_UI_API_URL": f"{address}/api",
        "PREFECT_UI_URL": f"{address}/v2",
        # The screen is copied once at the first start, to our folder: the installed package may be read-only.
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "screen"),
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # It knows no persons, so another page open in the same browser could read it and approve letters. Only its own
        # screen may read, and whatever changes something carries a token that only the screen could have read.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": address,
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        # Nothing is reported to anyone.
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # The whole year stands on the screen: by default only the next 3 runs exist, none beyond 100 days.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "P370D",
        "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": "P400D",
        "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "400",
        # Runs are kept a year and a month, then go with their logs and artifacts; by default none ever goes.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P400D",
        # A run is called late after two minutes; by default after 15 seconds, while the worker still looks.
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "120",
        # Leases of concurrency slots outlive a restart of the server.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # One worker asks often enough that a person who starts a run sees it begin.
        "PREFECT_WORKER_QUERY_SECONDS": "3",
        # Our flows last seconds; a heartbeat at the start and one an hour keep the event log small.
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "3600",
        # Logs are files: plain, a line an entry, and nobody to answer a question.
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_LOGGING_COLORS": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_CLI_COLORS": "false",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLI_WRAP_LINES": "false",
    }


def environment_for_prefect(settings: Settings) -> dict[str, str]:
    """The environment of a child process: ours, without whatever Prefect settings the person has."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("PREFECT_")}
    # An office behind a proxy reaches its own machine without it.
    own = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1,localhost"]))
    return kept | {"NO_PROXY": own, "no_proxy": own} | prefect_environment(settings)
