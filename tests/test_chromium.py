"""A Chromium is found, or installed, or its absence is said with the command to run."""

import subprocess

import pytest

from tests.browser import chromium


@pytest.fixture
def nothing(monkeypatch, tmp_path):
    """A machine without a browser and without the right to install one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "of_playwright", lambda: None)
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 1000)
    return tmp_path


def browser(folder, name, status=0):
    (folder / name).write_text(f"#!/bin/sh\nexit {status}\n")
    (folder / name).chmod(0o755)
    return str(folder / name)


def test_there_is_none(nothing):
    with pytest.raises(SystemExit, match="sudo apt-get install chromium"):
        chromium.find()


def test_on_the_path(nothing):
    path = browser(nothing, "google-chrome")
    assert chromium.find() == path


def test_a_note_to_install_a_snap_is_no_browser(nothing):
    browser(nothing, "chromium-browser", status=1)
    path = browser(nothing, "google-chrome")
    assert chromium.find() == path


def test_playwrights_own(nothing, monkeypatch):
    monkeypatch.setattr(chromium, "of_playwright", lambda: "its/chrome")
    assert chromium.find() == "its/chrome"


@pytest.mark.parametrize("fails", [False, True])
def test_root_installs_debians(nothing, monkeypatch, fails):
    commands = []

    def run(command, **options):
        commands.append(command[:2])
        if "install" in command and not fails:
            browser(nothing, "chromium")
        return subprocess.CompletedProcess(command, int(fails))

    browser(nothing, "apt-get")
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    monkeypatch.setattr(chromium.subprocess, "run", run)
    if fails:
        with pytest.raises(SystemExit, match="No Chromium was found"):
            chromium.find()
        return
    assert chromium.find() == str(nothing / "chromium")
    assert commands[:2] == [("apt-get", "update"), ("apt-get", "install")]
