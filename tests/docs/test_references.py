"""Follows every reference: from code, tests and pages to sections of `tui/docs`, and from page to page."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "tui" / "docs"
PAGES = sorted(DOCS.glob("*.md"))
LINKING = [ROOT / "README.md", ROOT / "CHANGELOG.md", *PAGES]
REFERRING = [
    *LINKING,
    ROOT / "pyproject.toml",
    *(path for room in ("tui", "tests", "screenshots") for path in sorted((ROOT / room).rglob("*.py"))),
    *sorted((ROOT / "tests").rglob("*.txt")),
]

NUMBER = r"\d+(?:\.\d+)*"
REFERENCE = re.compile(rf"\b([a-z]+\.md)(?:\]\([^)]*\))?((?:(?:,? and|,|-)? ?{NUMBER}(?![\w:]))+)")
LEADS_NOWHERE = re.compile(r"\b(?:protocol|services|design|house)(?: sections?)? \d+(?:\.\d+)*[;,:.)\s]")
LINK = re.compile(r"\[[^\[\]]*\]\(([^()\s]+)\)")


@cache
def sections(page: Path) -> frozenset[str]:
    """Return the numbers of a page's headings, and of the points in lists that they head."""
    found: set[str] = set()
    inside = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if heading := re.match(rf"#+ ((?:{NUMBER}(?:, )?)+)[. ]", line):
            found.update(re.findall(NUMBER, heading[1]))
            inside = heading[1]
        elif point := re.match(r"(\d+)\. ", line):
            found.add(f"{inside}.{point[1]}")
    return frozenset(found)


@cache
def anchors(page: Path) -> frozenset[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def references(path: Path) -> Iterator[tuple[str, str]]:
    for page, numbers in REFERENCE.findall(path.read_text(encoding="utf-8")):
        for number in re.findall(NUMBER, numbers):
            yield page, number


@pytest.mark.slow
def test_every_reference_leads_to_a_section_that_is_there():
    followed = [(path, page, number) for path in REFERRING for page, number in references(path)]
    lost = [
        f"{path.relative_to(ROOT)}: {page} {number}"
        for path, page, number in followed
        if not (DOCS / page).exists() or number not in sections(DOCS / page)
    ]
    assert not lost
    assert len(followed) > 100


@pytest.mark.slow
def test_no_reference_is_without_its_page():
    """A number alone does not say which page it is on."""
    lost = [
        f"{path.relative_to(ROOT)}: {found[0].strip()}"
        for path in REFERRING
        for found in LEADS_NOWHERE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not lost


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    lost = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / unquote(file) if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert not lost
