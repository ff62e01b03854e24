"""Recipes from elsewhere: a TOML text, and the settings of a command line."""

from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fuzz.damage import any_bytes
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.recipe.recipe import Recipe, load_recipe, parse_recipe

RECIPE = load_recipe("bai4").with_settings(
    ["training.schedule.type=exponential", "training.schedule.decay_rate=0.7"]
)
LINES = RECIPE.to_toml().splitlines()

ODD_TOML = [
    "2", "0.5", '"lstm"', "true", "0", "-1", "1.5", "inf", "-inf", "nan", "1e400",
    str(2**63), str(10**12), "9" * 400, "9" * 5000, "0x" + "f" * 5000, '""', '"x"',
    r'"a\nb"', r'"\u0000"', r'"\u2028"', r'"\ud800"',
    "[]", "{}", "[[]]", "[{}]", '[{type="lstm"}]', '{type="lstm"}', "{a.b=1}", "[" * 60 + "]" * 60,
    "[" * 3000 + "]" * 3000, "{a=" * 3000 + "1" + "}" * 3000, "{" + "a." * 3000 + "a=1}",
    "1979-05-27T07:32:00Z", "07:32:00", "2023-02-30", "'''\nx", "", "vocabulary", "x\ny = 1",
]  # fmt: skip
ODD_LINES = [
    "[data]", "[data", "[[data]]", "[[model.layers]]", "[model.layers]", "data = 1", "[a.b.c]",
    "[training.schedule]", 'type = "x"', "[" + "a." * 3000 + "a]", "a." * 3000 + "a = 1", "\x00",
    "name = 1\nname = 2", "# \r", '"a\\nb" = 1', '"\\u2028" = 1', '"" = 1',
]  # fmt: skip
odd_values = st.one_of(st.sampled_from(ODD_TOML), st.text(max_size=8))


@st.composite
def damaged_toml(draw: st.DrawFn) -> str:
    """A recipe with one to three lines changed, added, doubled or taken out."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        key = lines[at].partition("=")[0]
        new = draw(
            st.one_of(
                odd_values.map(f"{key}= {{}}".format if "{" not in key else str),
                st.sampled_from(ODD_LINES),
                st.sampled_from([lines[at] * 2, "", f"{lines[at]}\n{lines[at]}"]),
            )
        )
        lines[at] = new
    return "\n".join(lines)


def any_toml() -> SearchStrategy[str]:
    written = "\n".join(LINES).encode()
    of_bytes = any_bytes(written).map(lambda content: content.decode("utf-8", "surrogateescape"))
    return st.one_of(damaged_toml(), damaged_toml(), of_bytes, st.text(max_size=80))


@fuzzed
@given(any_toml())
@example("name = 0x" + "f" * 5000)  # an integer that Python does not print
@example(f"name = {'a.' * 3000}a")  # a value that is no TOML
@example("name." + "a." * 3000 + "a = 1")  # nested too deeply to be printed
def test_any_toml(toml: str) -> None:
    recipe = outcome(lambda: parse_recipe(toml, "recipe.toml"))
    if isinstance(recipe, Recipe):
        assert parse_recipe(recipe.to_toml(), "again") == recipe


def keys() -> SearchStrategy[str]:
    """Keys of a recipe, with parts that are not there."""
    part = st.one_of(
        st.sampled_from(
            ["data", "text", "model", "layers", "training", "schedule", "type", "units", "rate",
             "early_stopping", "patience", "max_length", "epochs", "name", "0", "5", "-1", "٣",
             "7" * 5000, "", " ", "\n", "\ud800", "unit"]
        ),
        st.text(max_size=5),
    )  # fmt: skip
    known = st.sampled_from(
        ["training.epochs", "model.layers.2.units", "model.layers", "model.layers.0", "model",
         "training.schedule", "training.schedule.type", "data.max_length", "name", "training"]
    )  # fmt: skip
    return st.one_of(known, st.lists(part, max_size=5).map(".".join))


@fuzzed
@example(["\ud800=1"])  # half a character, which is no key
@example(["model.layers." + "7" * 5000 + ".units=1"])
@example(["name={" + "a." * 3000 + "a=1}"])
@given(
    st.lists(
        st.one_of(st.tuples(keys(), odd_values).map("=".join), st.text(max_size=20)), max_size=3
    )
)
def test_any_settings(settings: list[str]) -> None:
    recipe = outcome(lambda: RECIPE.with_settings(settings))
    if isinstance(recipe, Recipe):
        assert parse_recipe(recipe.to_toml(), "again") == recipe
