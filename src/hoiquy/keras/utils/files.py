"""`get_file`: downloads a file unless it is in the cache."""

from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from hoiquy.keras.errors import KerasError
from hoiquy.keras.keras_home import keras_home, writable
from hoiquy.keras.utils.archives import unpack
from hoiquy.keras.utils.download import Hash, download, has_hash


def get_file(
    fname: str | Path | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | list[str] | None = "auto",
    cache_dir: str | Path | None = None,
    force_download: bool = False,
) -> str:
    """Return the path of a file, downloaded from `origin` if it is not there yet.

    Args:
        fname: Name of the file in the cache; None for that in the URL. An absolute path is used as
            it is, as in Keras 2.
        origin: URL of the file; http, https or file.
        untar: As `extract`, for tar files only.
        md5_hash: As `file_hash`.
        file_hash: Expected md5 or sha256 (hex); a file with another hash is downloaded again.
        cache_subdir: Folder in the cache.
        hash_algorithm: "md5", "sha256", or "auto" by the length of the hash.
        extract: Whether to unpack a tar or zip file.
        archive_format: "tar", "zip", both in a list, "auto" for both; None for none.
        cache_dir: The cache; None for `$KERAS_HOME` or ~/.keras.
        force_download: Whether to download again.

    Returns:
        The path of the file, or, with `extract`, of the folder beside it that has its content.

    Raises:
        KerasError: An argument is missing or wrong. It is a ValueError.
        DownloadError: The file cannot be downloaded, for example offline, or has another hash.
        DataError: The archive is damaged or unsafe.
        WriteError: The folder cannot be written.
    """
    if origin is None:
        raise KerasError("get_file: origin is missing, the URL of the file")
    folder = writable(keras_home() if cache_dir is None else Path(cache_dir).expanduser())
    target, unpacked = _places(folder / cache_subdir, fname, origin, extract or untar)
    known = _known_hash(file_hash or md5_hash, hash_algorithm if file_hash else "md5")
    missing = force_download or not has_hash(target, known)
    if missing:
        print(f"Downloading data from {origin}")
        download(origin, target, known)
    if not (extract or untar):
        return str(target)
    if missing or not unpacked.is_dir():
        unpack(target, unpacked, ["tar"] if untar else _formats(archive_format))
    return str(unpacked)


def _places(
    folder: Path, fname: str | Path | None, origin: str, extract: bool
) -> tuple[Path, Path]:
    """Return the paths of the file and of the folder that it is unpacked to, named as in Keras."""
    name = str(fname) if fname else unquote(PurePosixPath(urlsplit(origin).path).name)
    if not name:
        raise KerasError(f"get_file: {origin!r} ends without a file name; pass fname")
    target = folder / name
    if not extract:
        return target, target
    if fname and "." in target.name:
        return target, target.with_name(f"{target.name.partition('.')[0]}_extracted")
    return target.with_name(f"{target.name}_archive"), target


def _formats(archive_format: str | list[str] | None) -> list[str]:
    if archive_format == "auto":
        return ["tar", "zip"]
    if isinstance(archive_format, str):
        return [archive_format]
    return list(archive_format or ())


def _known_hash(value: str | None, algorithm: str) -> Hash | None:
    if value is None:
        return None
    if algorithm not in ("auto", "md5", "sha256"):
        raise KerasError(
            f"get_file: hash_algorithm is {algorithm!r}, expected 'md5', 'sha256' or 'auto'"
        )
    if algorithm == "auto":
        algorithm = "sha256" if len(value) == 64 else "md5"
    return Hash(algorithm, value.lower())
