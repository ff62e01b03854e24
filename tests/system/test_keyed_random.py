"""Numbers by key: the same for the same key, others for any other, whatever was drawn before."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.system.keyed_random import Purpose, keyed_generator

keys = st.tuples(
    st.integers(0, 2**63 - 1),
    st.sampled_from(Purpose),
    st.lists(st.integers(0, 2**31), max_size=4).map(tuple),
)
Key = tuple[int, Purpose, tuple[int, ...]]


def numbers(key: Key) -> list[int]:
    seed, purpose, position = key
    return keyed_generator(seed, purpose, *position).bit_generator.random_raw(4).tolist()


@given(keys, keys)
def test_numbers_belong_to_their_key(one: Key, other: Key) -> None:
    assert numbers(one) == numbers(one)
    assert (numbers(one) == numbers(other)) == (one == other)


def test_every_part_of_a_key_counts() -> None:
    variants = [
        (1, Purpose.DROPOUT, (1, 2, 3, 4)),
        (2, Purpose.DROPOUT, (1, 2, 3, 4)),
        (1 + 2**32, Purpose.DROPOUT, (1, 2, 3, 4)),
        (1, Purpose.SHUFFLE, (1, 2, 3, 4)),
        (1, Purpose.DROPOUT, (2, 2, 3, 4)),
        (1, Purpose.DROPOUT, (1, 3, 3, 4)),
        (1, Purpose.DROPOUT, (1, 2, 4, 4)),
        (1, Purpose.DROPOUT, (1, 2, 3, 5)),
        (1, Purpose.DROPOUT, (1, 2, 3)),
        (1, Purpose.DROPOUT, (1, 2, 3, 4, 0)),
        (1, Purpose.DROPOUT, (2, 1, 3, 4)),
    ]
    drawn = {tuple(numbers(key)) for key in variants}
    assert len(drawn) == len(variants)


def test_nothing_is_shared() -> None:
    key = (7, Purpose.SHUFFLE, (3,))
    expected = numbers(key)
    global_before = np.random.get_state()[1].tolist()  # noqa: NPY002 - what must stay as it is
    one = keyed_generator(7, Purpose.SHUFFLE, 3)
    one.random(1000)
    keyed_generator(7, Purpose.SHUFFLE, 4).random(1000)
    np.random.default_rng().random(10)
    assert numbers(key) == expected
    assert np.random.get_state()[1].tolist() == global_before  # noqa: NPY002


GOLDEN = [
    15242757906521409906,
    4105666504515771021,
    15016078561751394577,
    1321081971855849435,
]
GOLDEN_LARGE_SEED = [
    12869366134494021335,
    17141956868529220202,
    951110676619168589,
    3665440572564380356,
]


def test_the_scheme_never_changes() -> None:
    """Old runs are reproducible only while these stay: a new scheme needs a new recipe format."""
    assert [(purpose.name, purpose.value) for purpose in Purpose] == [
        ("INITIAL_WEIGHTS", 1),
        ("SHUFFLE", 2),
        ("DROPOUT", 3),
        ("BOOTSTRAP", 4),
        ("LANGUAGE_MODEL_WEIGHTS", 11),
        ("LANGUAGE_MODEL_HELD_OUT", 12),
        ("LANGUAGE_MODEL_SHUFFLE", 13),
        ("LANGUAGE_MODEL_STEP", 14),
        ("STUDENT_TEXTS", 15),
        ("ARRAY_STEP", 22),
        ("ARRAY_ORDER", 23),
    ]
    assert numbers((1, Purpose.DROPOUT, (1, 2, 3, 4))) == GOLDEN
    assert numbers((2**63 - 1, Purpose.SHUFFLE, (1,))) == GOLDEN_LARGE_SEED
