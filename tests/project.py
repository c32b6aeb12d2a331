"""Where things are, and the days on which tests take place: they never ask the clock."""

from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "tests" / "examples"

# The small project in examples/base was checked on this day; the real one long before the other.
TODAY = date(2026, 1, 31)
FAR_DAY = date(2099, 1, 1)
