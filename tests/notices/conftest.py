"""Mail servers that answer as real ones do, for every test about notices."""

import importlib.util
import sys
import warnings
from pathlib import Path

import pytest
from apprise.manager_plugins import NotificationManager

_where = Path(__file__).parent / "sinks.py"
_spec = importlib.util.spec_from_file_location("tests_notices_sinks", _where)
_sinks = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _sinks  # dataclasses look their own module up
_spec.loader.exec_module(_sinks)


@pytest.fixture(scope="session")
def sinks():
    """The module ``sinks``: ``sinks.sink(mode=…)``, ``sinks.wait_for`` and the rest."""
    return _sinks


@pytest.fixture
def sink():
    """Starts a mail server: ``with sink(mode="greylist") as server``."""
    return _sinks.sink


@pytest.fixture(scope="session")
def sink_program():
    """The command that starts a sink as a process of its own; its first line is the port."""
    return [sys.executable, str(_where)]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate with its key, in one file, for sinks that speak TLS."""
    return _sinks.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def apprise_plugins():
    """Apprise's own plugins, loaded: one of them imports a module that Python 3.11 warns about, once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
        NotificationManager().load_modules()
