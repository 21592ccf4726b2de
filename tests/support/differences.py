"""The differences from `dvc status` that the page on freshness lists."""

from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "freshness.md"


def differences_on_page() -> dict[str, str]:
    """Return the reason of each named row of the page's table."""
    found: dict[str, str] = {}
    for line in _PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 5:
            name = cells[0].strip("`")
            assert name not in found, f"{name} is listed twice"
            assert cells[-1], f"{name} has no reason"
            found[name] = cells[-1]
    return found
