"""What the rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from inspect import Signature

from macros.model import Dataset, Place
from macros.pages import Page


@dataclass(frozen=True)
class Site:
    """The dataset, the pages by path, the signature of each macro by name, the day on which this is asked, and the place of each page in the navigation, if there is one."""

    dataset: Dataset
    pages: Mapping[str, Page]
    macros: Mapping[str, Signature]
    today: date
    navigation: Mapping[str, Place] | None = None
