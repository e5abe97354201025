"""Paths into an object store: an object is there whole or not at all, and nothing in it can be locked."""

from pathlib import Path

from reportlib.errors import OutputError

STORES = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss")  # which put an object as a whole; sftp and ftp, say, do not
_LIBRARIES = ("aiobotocore", "aiohttp", "azure", "botocore", "gcsfs", "google")


def path_at(address: str) -> Path:
    """The folder or file that an address names, on this machine or, as `s3://bucket/folder`, in an object store.

    Raises OutputError for an address of another kind, and where the store cannot be reached.
    """
    scheme, separator, place = address.partition("://")
    if not separator:
        return Path(address)
    if scheme == "file":
        return Path(place)
    if scheme not in STORES:
        raise OutputError(
            f"{address}: reports can be written to a folder or to one of {', '.join(STORES)}; mount what is elsewhere"
        )
    return _opened(address)


def is_store(path: Path) -> bool:
    """Whether a path leads into an object store."""
    return not isinstance(path, Path)


def put(path: Path, content: bytes):
    """Put an object in the place of the one that is there. Raises OutputError."""
    try:
        path.fs.pipe_file(path.path, content)  # type: ignore[attr-defined]  # a path of universal_pathlib
    except Exception as error:  # each store has a family of its own
        raise OutputError(f"{path} cannot be written: {error}") from None


def remove(path: Path):
    """Remove an object, where there is one. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except Exception as error:
        raise OutputError(f"{path} cannot be removed: {error}") from None


def is_of_store(error: Exception) -> bool:
    """Whether an error is of a store's own library, as when it cannot be reached, or an OSError made of one."""
    origins = {type(one).__module__.partition(".")[0] for one in (error, error.__cause__)}
    return not origins.isdisjoint(_LIBRARIES)


def _opened(address):
    try:
        from upath import UPath

        path = UPath(address, use_listings_cache=False)  # others write there too
        path.exists()
    except ImportError as error:
        raise OutputError(f"{address} needs a library ({error}): pip install 'reportlib[s3]'") from None
    except Exception as error:
        raise OutputError(f"{address} cannot be reached: {error}") from None
    return path
