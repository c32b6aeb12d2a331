"""Records to bytes: the open data that is published beside the pages. Nothing here writes to disk or knows pages."""

from macros.exporting.files import promise, redirects, release, schemas

__all__ = ["promise", "redirects", "release", "schemas"]
