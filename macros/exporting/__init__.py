"""Records to bytes: the open data that is published beside the pages, and the pages as Markdown. Nothing here writes to disk."""

from macros.exporting.files import promise, redirects, release, schemas
from macros.exporting.twins import twins

__all__ = ["promise", "redirects", "release", "schemas", "twins"]
