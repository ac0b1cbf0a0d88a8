"""The documentation's pages: their sections, tables, links and commands."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

_HEADING = re.compile(r"^(#+) (.+)$")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)$")


def name_of(page: Path) -> str:
    """A page's path from the repository's root."""
    return page.relative_to(ROOT).as_posix()


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of shell commands, run in the order of the page."""

    page: str
    line: int
    commands: tuple[str, ...]

    @property
    def script(self) -> str:
        """The block as it stands."""
        return "\n".join(self.commands)


def shell_blocks(page: Path) -> list[Block]:
    """The blocks marked `sh`; comments are left out, continued lines are joined."""
    return [
        Block(name_of(page), line, tuple(_commands(text)))
        for line, language, text in _fenced(page)
        if language == "sh"
    ]


def fenced(page: Path, language: str) -> list[str]:
    """The texts of the blocks in a language."""
    return [text for _, known, text in _fenced(page) if known == language]


def _commands(text: str) -> list[str]:
    lines = (line.strip() for line in text.replace("\\\n", " ").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _fenced(page: Path) -> list[tuple[int, str, str]]:
    """Each fenced block: its first line, its language, its text."""
    blocks, inside, language, begin = [], False, "", 0
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if inside:
            blocks.append((begin + 1, language, "\n".join(lines[begin:number])))
        inside, language, begin = not inside, fence.group(1), number + 1
    return blocks


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def sections(page: Path) -> dict[str, str]:
    """The text below each heading, up to the next one of any level."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in prose(page).splitlines():
        heading = _HEADING.match(line)
        if heading:
            current = found.setdefault(heading.group(2), [])
        else:
            current.append(line)
    return {heading: "\n".join(lines) for heading, lines in found.items()}


def rows(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without their headings."""
    lines = text.splitlines()
    tables = [index for index, line in enumerate(lines) if re.fullmatch(r"\|[ :|-]+\|", line)]
    found = []
    for start in tables:
        for line in lines[start + 1 :]:
            if not line.startswith("|"):
                break
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


def codes(text: str) -> list[str]:
    """What stands in backticks."""
    return _CODE.findall(text)


def anchors(page: Path) -> set[str]:
    """What a link to the page may have behind its `#`."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in sections(page)}


def links(page: Path) -> list[str]:
    """The targets of a page's links and images."""
    return _LINK.findall(prose(page))
