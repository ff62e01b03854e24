"""`hoiquy serve`: serve runs over HTTP, with a web page."""

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
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="HOIQUY_HOST",
    help="Address to listen on; other than loopback requires an API key.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, envvar="HOIQUY_PORT",
    help="Port; 0 chooses a free one.",
)  # fmt: skip
@click.option(
    "--api-key-file", type=click.Path(path_type=Path), metavar="FILE", envvar="HOIQUY_API_KEY_FILE",
    help="File with the API key in its first line (or set HOIQUY_API_KEY).",
)  # fmt: skip
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", envvar="HOIQUY_ALLOW_HOSTS",
    help="Additional host name of the service; may be repeated.",
)  # fmt: skip
@click.option(
    "--default", metavar="NAME", envvar="HOIQUY_DEFAULT_MODEL",
    help="Model used when a request names none.  [default: the most accurate]",
)  # fmt: skip
@click.option(
    "--waiting", type=click.IntRange(min=1), default=1024, show_default=True,
    envvar="HOIQUY_WAITING", help="Texts that may wait; further requests get status 429.",
)  # fmt: skip
@click.option(
    "--models", type=click.IntRange(min=1), default=16, show_default=True,
    envvar="HOIQUY_MODELS", help="Maximum number of networks in memory.",
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
    """Serve runs over HTTP, with a web page.

    RUN is a run folder, FOLDER a folder of runs. The server is reachable only from this machine
    unless --host is given, which requires a key. Ctrl-C stops it after the accepted requests.
    """
    import logging

    from hoiquy.cli.log_lines import log_handler
    from hoiquy.errors import InputError, MissingExtraError
    from hoiquy.runs.folder import check_is_run, is_language_model, is_soft_labels

    if is_language_model(path) or is_soft_labels(path):
        check_is_run(path)  # raises an error that names the kind of folder
    try:
        from hoiquy.server.process import listening
        from hoiquy.server.process import serve as run
        from hoiquy.server.settings import Limits, Settings
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"serving needs {error.name}, which is not installed: pip install 'hoiquy[serve]'"
        ) from error

    logging.basicConfig(level=logging.WARNING, handlers=[log_handler()], force=True)
    # Invalid requests are reported to the client; uvicorn would also log each one.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    if not quiet:
        logging.getLogger("hoiquy.server").setLevel(logging.INFO)
    if not path.is_dir():
        raise InputError(f"{path}: no such folder")
    key = _key(api_key_file)
    loopback = host in _LOOPBACK
    if not loopback and key is None:
        raise InputError(
            f"--host {host} is open to other machines: set HOIQUY_API_KEY or --api-key-file, or "
            f"use --host 127.0.0.1"
        )
    hosts = tuple(name.lower() for name in hosts)  # the guard compares lower case
    names = frozenset({*_LOOPBACK, "[::1]", *hosts}) if loopback or hosts else None
    socket = listening(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{socket.getsockname()[1]}")
    limits = Limits(waiting=waiting, models=models)
    run(Settings(path, key, names, default, limits), socket)


def _key(file: Path | None) -> str | None:
    """Return the API key, or None if none is set. Raises InputError."""
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
