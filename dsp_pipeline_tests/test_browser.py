import os
from pathlib import Path

import pytest

from dsp_pipeline_tests import browser


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_one_that_is_named_is_used(tmp_path: Path) -> None:
    named = executable(tmp_path / "my-chromium")
    on_path = executable(tmp_path / "bin" / "chromium")
    assert browser.find_chromium({browser.VARIABLE: str(named), "PATH": str(on_path.parent)}) == named


def test_a_name_that_leads_nowhere_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"DSP_CHROMIUM=.*not a file"):
        browser.find_chromium({browser.VARIABLE: str(tmp_path / "gone")})


def test_one_on_the_path_is_found_before_playwrights(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "bin" / "google-chrome")
    executable(tmp_path / ".cache/ms-playwright/chromium-1200/chrome-linux64/chrome")
    assert browser.find_chromium({"PATH": str(on_path.parent), "HOME": str(tmp_path)}) == on_path


def test_playwrights_newest_is_found(tmp_path: Path) -> None:
    executable(tmp_path / "chromium-1100/chrome-linux/chrome")
    newest = executable(tmp_path / "chromium-1200/chrome-linux/chrome")
    found = browser.find_chromium({"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)})
    if not any(Path(place).is_file() for place in browser._PLACES):
        assert found == newest


def test_the_command_prints_the_path_of_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    named = executable(tmp_path / "my-chromium")
    monkeypatch.setenv(browser.VARIABLE, str(named))
    assert browser.main(["install"]) == 0
    assert browser.main([]) == 0
    assert capsys.readouterr().out.split() == [str(named)] * 2
    monkeypatch.setenv(browser.VARIABLE, str(tmp_path / "gone"))
    assert browser.main([]) == 1


def test_root_runs_without_the_sandbox_and_others_with_it() -> None:
    assert ("--no-sandbox" in browser.launch_flags()) == (os.geteuid() == 0)
