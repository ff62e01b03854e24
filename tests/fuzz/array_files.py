"""safetensors and Parquet files with contents that no library writes."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from example_run import CLASSES, PREDICTIONS, WEIGHTS
from fuzz.damage import any_bytes, any_json
from hoiquy.runs.arrays import dump_arrays, dump_predictions

TENSORS = dump_arrays(WEIGHTS)
PARQUET = dump_predictions(PREDICTIONS, CLASSES)
DTYPES = [
    "BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64",
    "F8_E4M3", "F8_E5M2", "F8_E8M0", "F4", "F6_E2M3", "F6_E3M2", "C64", "X", "", 1, None,
]  # fmt: skip
SIZES = [0, 1, 2, 3, 4, 48, 2**31, 2**32, 10**12, 2**62, 2**63, 2**64 - 1, 2**64, -1, 1.5, None]


def safetensors(header: Any, content: bytes, length: int | None = None) -> bytes:
    """A file of this header, which claims to be `length` bytes long."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + content


def header_and_content() -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(TENSORS[:8], "little")
    return json.loads(TENSORS[8 : 8 + length]), TENSORS[8 + length :]


def any_safetensors() -> SearchStrategy[bytes]:
    """Headers of odd tensors, headers that are odd JSON, wrong lengths, and damaged bytes."""
    header, content = header_and_content()
    sizes = st.sampled_from(SIZES)
    tensor = st.fixed_dictionaries(
        {
            "dtype": st.one_of(st.just("F32"), st.sampled_from(DTYPES)),
            "shape": st.lists(st.one_of(st.just(0), sizes), max_size=4),
            "data_offsets": st.one_of(
                st.sampled_from([[0, 0], [0, 4], [0, 8], [0, 48]]), st.lists(sizes, max_size=3)
            ),
        }
    )
    names = st.one_of(st.sampled_from(["lstm/kernel", "__metadata__", "", "\n"]), st.text())
    tensors = st.dictionaries(names, tensor, max_size=3)
    contents = st.one_of(st.just(content), st.binary(max_size=48), st.just(b""), st.just(bytes(4)))
    return st.one_of(
        st.builds(safetensors, tensors, contents),
        st.builds(safetensors, any_json(header), st.just(content)),
        st.builds(
            safetensors, st.just(header), st.just(content), st.sampled_from([*SIZES[:12], 2**48])
        ),
        any_bytes(TENSORS),
    )


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), buffer, **options)
    return bytes(buffer.getvalue().to_pybytes())


ODD_COLUMNS: list[Any] = [
    pa.array([0, 1, 1, 0], pa.int32()),
    pa.array([0, 1, 1, 0], pa.int64()),
    pa.array([0, -1, 2, 0], pa.int32()),
    pa.array([0, None, 1, 0], pa.int32()),
    pa.array([0.5, float("nan"), float("inf"), None], pa.float32()),
    pa.array([0.5, float("nan"), float("inf"), 1], pa.float32()),
    pa.array(["0", "1", "1", "0"]),
    pa.array([[0], [1], None, []], pa.list_(pa.int32())),
    pa.array([{"a": 1}, None, {}, {"a": 2}]),
    pa.array([0, 1, 1, 0], pa.int32()).dictionary_encode(),
    pa.array([0, 1, 1, 0], pa.timestamp("ns", "Asia/Ho_Chi_Minh")),
    pa.nulls(4),
]


def any_parquet() -> SearchStrategy[bytes]:
    """Tables of other columns, and damaged files in all codecs and encodings."""
    good = {"label": PREDICTIONS.labels} | {
        f"probability_{name}": PREDICTIONS.probabilities[:, at] for at, name in enumerate(CLASSES)
    }
    names = st.sampled_from([*good, "other", "", "\n", "label.x"])
    odd = st.dictionaries(names, st.sampled_from(ODD_COLUMNS), max_size=2)
    written = [
        parquet(good, compression=codec, use_dictionary=dictionary, store_schema=not dictionary)
        for codec, dictionary in (
            ("snappy", False), ("snappy", True), ("none", False), ("none", True), ("gzip", True),
        )
    ]  # fmt: skip
    return st.one_of(
        odd.map(lambda columns: parquet(good | columns)),
        st.one_of([any_bytes(content) for content in written]),
        any_bytes(PARQUET),
        footer_damaged(written[2]),
    )


def footer_damaged(content: bytes) -> SearchStrategy[bytes]:
    """A Parquet file whose footer, which holds all counts and offsets, is damaged."""
    body, footer = split_footer(content)
    return any_bytes(footer).map(lambda new: with_footer(body, new))


def split_footer(content: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(content[-8:-4], "little")
    return content[: -8 - length], content[-8 - length : -8]


def with_footer(body: bytes, footer: bytes) -> bytes:
    return body + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def claims(count: int) -> list[bytes]:
    """PARQUET with `count` in place of each number of four rows, one by one and all at once."""
    body, footer = split_footer(PARQUET)
    four, claimed = b"\x16\x08", b"\x16" + _varint(2 * count)
    pieces = footer.split(four)
    one_by_one = [
        four.join(pieces[:at]) + claimed + four.join(pieces[at:]) for at in range(1, len(pieces))
    ]
    assert len(one_by_one) >= 5  # of the file, of its row group, and of each column
    return [with_footer(body, new) for new in [*one_by_one, claimed.join(pieces)]]


def _varint(number: int) -> bytes:
    low, high = number & 127, number >> 7
    return bytes([low | 128]) + _varint(high) if high else bytes([low])


def rows(count: int, codec: str = "snappy") -> bytes:
    """A Parquet file of the right columns with `count` rows, small as they are all equal."""
    labels, zeros = np.zeros(count, np.int32), np.zeros(count, np.float32)
    columns = {"label": labels, **{f"probability_{name}": zeros for name in CLASSES}}
    return parquet(columns, compression=codec, use_dictionary=codec == "snappy")
