"""`hoiquy serve`: networks over HTTP, and a page to try them on."""

from pathlib import Path

import click

from hoiquy.cli import options

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command(
    epilog=options.examples(
        "hoiquy serve runs/mine",
        "hoiquy serve lab --port 8080",
        "hoiquy serve runs --host 0.0.0.0 --api-key-file key.txt",
    )
)
@click.argument("path", metavar="RUN|FOLDER", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, envvar="HOIQUY_HOST")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, envvar="HOIQUY_PORT",
    help="0 takes a free one.",
)  # fmt: skip
@click.option(
    "--api-key-file", type=click.Path(path_type=Path), metavar="FILE", envvar="HOIQUY_API_KEY_FILE",
    help="What callers must show is its first line; or say HOIQUY_API_KEY.",
)  # fmt: skip
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", envvar="HOIQUY_ALLOW_HOSTS",
    help="Another name that the service goes by; may be repeated.",
)  # fmt: skip
@click.option(
    "--default", metavar="NAME", envvar="HOIQUY_DEFAULT_MODEL",
    help="The model that answers where none is named.  [default: the most accurate]",
)  # fmt: skip
@click.option(
    "--waiting", type=click.IntRange(min=1), default=1024, show_default=True,
    envvar="HOIQUY_WAITING", help="Texts that may wait; a request beyond is answered 429.",
)  # fmt: skip
@click.option(
    "--models", type=click.IntRange(min=1), default=16, show_default=True,
    envvar="HOIQUY_MODELS", help="Networks that are kept in memory.",
)  # fmt: skip
@options.quiet
def serve(
    path: Path,
    host: str,
    port: int,
    api_key_file: Path | None,
    hosts: tuple[str, ...],
    default: str | None,
    waiting: int,
    models: int,
    quiet: bool,
) -> None:
    """Serve a run, or all runs of a folder, over HTTP, with a page to try them on.

    It answers this machine alone unless --host says otherwise, which needs a key. Ctrl-C ends it
    when what was taken is answered.
    """
    import logging

    from hoiquy.errors import InputError, MissingExtraError
    from hoiquy.runs.folder import check_is_run, is_language_model, is_soft_labels

    if is_language_model(path) or is_soft_labels(path):
        check_is_run(path)  # which says what it is
    try:
        from hoiquy.server.process import listening
        from hoiquy.server.process import serve as run
        from hoiquy.server.settings import Limits, Settings
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"serving needs {error.name}, which is not installed: pip install 'hoiquy[serve]'"
        ) from error

    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    # A caller's mistake is told to the caller: uvicorn would fill the log with them.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    if not quiet:
        logging.getLogger("hoiquy.server").setLevel(logging.INFO)
    if not path.is_dir():
        raise InputError(f"there is no folder {path} to serve")
    key = _key(api_key_file)
    loopback = host in _LOOPBACK
    if not loopback and key is None:
        raise InputError(
            f"--host {host} is open to other machines: set HOIQUY_API_KEY or --api-key-file, or "
            f"keep to --host 127.0.0.1"
        )
    hosts = tuple(name.lower() for name in hosts)  # as the guard compares them
    names = frozenset({*_LOOPBACK, "[::1]", *hosts}) if loopback or hosts else None
    at = listening(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{at.getsockname()[1]}")
    limits = Limits(waiting=waiting, models=models)
    run(Settings(path, key, names, default, limits), at)


def _key(file: Path | None) -> str | None:
    """The key that callers must show; None if there is none. Raises InputError."""
    import os

    from hoiquy.errors import InputError

    key: str | None = os.environ.get("HOIQUY_API_KEY")
    if file is not None:
        try:
            key = file.read_text("utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"cannot read --api-key-file {file}: {reason}") from error
    if key is None:
        return None
    if len(key) < 16 or not key.isascii() or not key.isprintable() or " " in key:
        raise InputError("the API key needs 16 or more printable ASCII characters without spaces")
    return key
