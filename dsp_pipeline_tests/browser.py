"""The browser that tests drive: found if there is one, installed if there is none.

``python -m dsp_pipeline_tests.browser`` prints where it is; with ``install`` it makes sure that there is one,
which ``make test`` calls. An installed Chromium is used first; then Playwright's own download is tried, then the
system's package manager.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VARIABLE = "DSP_CHROMIUM"
FIREFOX_VARIABLE = "DSP_FIREFOX"
_FIREFOX_NAMES = ("firefox-esr", "firefox")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_PLAYWRIGHT_FOLDERS = ("Library/Caches/ms-playwright", ".cache/ms-playwright")
_PLAYWRIGHT_BINARIES = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
_MANAGERS: tuple[tuple[str, tuple[tuple[str, ...], ...], bool], ...] = (
    ("apt-get", (("apt-get", "update"), ("apt-get", "install", "-y", "chromium")), True),
    ("dnf", (("dnf", "install", "-y", "chromium"),), True),
    ("apk", (("apk", "add", "chromium"),), True),
    ("brew", (("brew", "install", "--cask", "chromium"),), False),
)
_DOWNLOAD_SECONDS = 300

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Chromium makes no request of its own with these."""


def launch_flags() -> list[str]:
    """What Chromium is started with; as root it needs to run without its sandbox."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, *(["--no-sandbox"] if as_root else [])]


def find_chromium(environment: Mapping[str, str] | None = None) -> Path | None:
    """The browser's path: the one that DSP_CHROMIUM names, one on the PATH, or one that Playwright downloaded.

    Raises:
        FileNotFoundError: DSP_CHROMIUM names a file that is not there.
    """
    variables = os.environ if environment is None else environment
    named = variables.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"{VARIABLE}={named} is not a file; name a Chromium or unset it")
        return Path(named)
    on_path = [shutil.which(name, path=variables.get("PATH", "")) for name in NAMES]
    places = [Path(place) for place in (*on_path, *_PLACES) if place is not None]
    return next((place for place in (*places, *_downloaded(variables)) if place.is_file()), None)


def find_firefox(environment: Mapping[str, str] | None = None) -> Path | None:
    """An installed Firefox, if the system has one: the one that DSP_FIREFOX names, or one on the PATH.

    ``DSP_FIREFOX=`` (empty) does without it.
    """
    variables = os.environ if environment is None else environment
    named = variables.get(FIREFOX_VARIABLE)
    found = (
        [named]
        if named is not None
        else [shutil.which(name, path=variables.get("PATH", "")) for name in _FIREFOX_NAMES]
    )
    return next((Path(place) for place in found if place), None)


def _downloaded(variables: Mapping[str, str]) -> list[Path]:
    """Playwright's own browsers, the newest first."""
    home = Path(variables.get("HOME", "/nonexistent"))
    folders = [home / folder for folder in _PLAYWRIGHT_FOLDERS]
    if variables.get("PLAYWRIGHT_BROWSERS_PATH", "0") != "0":
        folders.insert(0, Path(variables["PLAYWRIGHT_BROWSERS_PATH"]))
    return [
        path for folder in folders for binary in _PLAYWRIGHT_BINARIES for path in sorted(folder.glob(binary))[::-1]
    ]


def install() -> Path:
    """A browser's path, after installing one if there was none.

    Raises:
        RuntimeError: There is none and none of the ways to install one worked; the message lists them.
    """
    found = find_chromium()
    tried = []
    for name, commands in (("playwright", _playwright_commands()), *_package_managers()):
        if found is not None:
            return found
        sys.stderr.write(f"No Chromium here: installing one by {name}\n")
        tried.append(name)
        if all(_succeeds(command) for command in commands):
            found = find_chromium()
    if found is None:
        ways = ", ".join(tried)
        raise RuntimeError(f"no Chromium found, and none could be installed by {ways}; set {VARIABLE} to one")
    return found


def _playwright_commands() -> Sequence[Sequence[str]]:
    return ((sys.executable, "-m", "playwright", "install", "chromium"),)


def _package_managers() -> list[tuple[str, Sequence[Sequence[str]]]]:
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    prefix = () if as_root else ("sudo", "-n")
    return [
        (name, [(*(prefix if needs_root else ()), *command) for command in commands])
        for name, commands, needs_root in _MANAGERS
        if shutil.which(name)
    ]


def _succeeds(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=_DOWNLOAD_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main(arguments: Sequence[str]) -> int:
    """The command: prints the browser's path; 1 if there is none."""
    try:
        path = install() if list(arguments) == ["install"] else find_chromium()
    except (RuntimeError, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if path is None:
        sys.stderr.write("no Chromium found; 'python -m dsp_pipeline_tests.browser install' installs one\n")
        return 1
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
