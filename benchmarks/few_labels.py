"""Texts without labels where labels are few: hoiquy beside baselines on the same labels.

    python benchmarks/few_labels.py aclImdb sets/aivivn --dev --auto 2 \\
        --ours 'lm=--recipe best --from lm/{set}' \\
        --ours 'plan=--minutes 30 --unlabelled {unlabelled}'

Choose settings with --dev; the test texts are scored once.
"""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from continued import run_continued
from hoiquy.errors import HoiquyError
from hoiquy.system.atomic_write import make_folder, write_text
from label_draws.draw import Draw
from label_draws.methods import AUTO, BASELINES, Method, measure
from label_draws.pool import Pool, load_pool
from label_draws.records import Key, Record, check_options, load_records, save_records
from label_draws.table import to_markdown

LABELS, DRAWS = (100, 500, 2000), (1, 2, 3, 4, 5)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "sets", nargs="+", type=Path, metavar="SET",
        help="aclImdb (folder or archive), or a folder with train.csv and test.csv (text,label)",
    )  # fmt: skip
    parser.add_argument(
        "--labels", nargs="+", type=int, default=LABELS, metavar="N", help="default: 100 500 2000"
    )
    parser.add_argument(
        "--draws", nargs="+", type=int, default=DRAWS, metavar="SEED", help="default: 1 2 3 4 5"
    )
    parser.add_argument(
        "--dev", action="store_true", help="score on held-out training texts, of other films"
    )
    parser.add_argument(
        "--test-documents", type=int, metavar="N", help="score on so many (default: all)"
    )
    parser.add_argument(
        "--baselines", nargs="*", choices=BASELINES, default=list(BASELINES), help="default: all"
    )
    parser.add_argument(
        "--auto", type=float, metavar="MINUTES",
        help="also `hoiquy train` without the unlabelled texts, in so many minutes",
    )  # fmt: skip
    parser.add_argument(
        "--ours", action="append", default=[], metavar="NAME=OPTIONS",
        help="`hoiquy train` with options, in which {unlabelled} is the file of the texts without "
        "labels and {set}, {labels}, {draw} are what is measured; may be repeated",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("few-labels"), help="default: few-labels")
    arguments = parser.parse_args()
    run_continued(parser, arguments, run)


def run(arguments: argparse.Namespace) -> None:
    """Measure what is missing, and print the table of all that is there."""
    methods = chosen_methods(arguments.baselines, arguments.auto, arguments.ours)
    file, runs = arguments.out / "records.jsonl", arguments.out / "runs"
    records = load_records(file)
    check_options(records, methods)
    make_folder(runs)
    data = []
    for path in arguments.sets:
        pool = load_pool(path, arguments.dev, arguments.test_documents)
        data.append(pool.digest())
        for record in _measured(pool, data[-1], methods, arguments, records, runs):
            records.append(record)
            save_records(file, records)
    table = to_markdown([record for record in records if record.data in data])
    write_text(arguments.out / "few_labels.md", table)
    print(table)


def chosen_methods(
    baselines: Sequence[str], minutes: float | None, ours: Sequence[str]
) -> list[Method]:
    """Raises HoiquyError for options without a name, or a name given twice."""
    methods = [Method(name) for name in dict.fromkeys(baselines)]
    if minutes is not None:
        methods.append(Method(AUTO, f"--minutes {minutes:g}"))
    for given in ours:
        name, equals, options = given.partition("=")
        if not equals or not name.replace("-", "").isalnum():
            raise HoiquyError(f"--ours {given}: expected NAME=OPTIONS, such as lm='--from lm'")
        if name in (*BASELINES, *(method.name for method in methods), AUTO):
            raise HoiquyError(f"--ours {given}: {name} is taken, choose another name")
        methods.append(Method(name, options))
    return methods


def _measured(
    pool: Pool, data: str, methods: Sequence[Method], arguments: argparse.Namespace,
    records: Sequence[Record], runs: Path,
) -> Iterator[Record]:  # fmt: skip
    """The new records, draw after draw; a training that fails is reported and left out."""
    done = {record.key for record in records}
    for count in arguments.labels:
        for number in arguments.draws:
            draw = Draw(pool, count, number)
            for method in methods:
                key = Key(pool.name, data, count, number, method.name)
                if key in done:
                    continue
                try:
                    found = measure(method, draw, runs)
                except HoiquyError as error:
                    print(error, file=sys.stderr)
                    continue
                accuracy, f1 = f"{found.accuracy:.2%}", f"{found.macro_f1:.2%}"
                heading = f"{pool.name}, {count} labels, draw {number}, {method.name}"
                print(f"{heading}: {accuracy}, macro F1 {f1}, {found.seconds:.0f} s",
                      file=sys.stderr)  # fmt: skip
                yield Record(
                    **key._asdict(), documents=len(pool.test_texts), options=method.options,
                    **asdict(found),
                )  # fmt: skip


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: no training is left
    main()
