"""Records to bytes: the open data that is published beside the pages. Nothing here writes to disk or knows pages."""

from macros.exporting.files import promise, redirects, release, release_schemas, schemas
from macros.exporting.records import SCHEMA_VERSION

__all__ = ["SCHEMA_VERSION", "promise", "redirects", "release", "release_schemas", "schemas"]
