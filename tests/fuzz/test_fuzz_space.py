"""Space files from elsewhere."""

from hypothesis import example, given
from hypothesis import strategies as st

from fuzz.examples import fuzzed
from fuzz.reading import outcome
from fuzz.test_fuzz_recipe import ODD_LINES, odd_values
from hoiquy.recipe.recipe import load_recipe
from hoiquy.recipe.toml import parse_toml
from hoiquy.workflows.search.space import SearchSpace, load_space

RECIPE = load_recipe("bai4")
LINES = """recipe = "bai4"
[sampler]
type = "grid"
seed = 1
[pruner]
type = "median"
warmup_epochs = 1
[space]
"training.batch_size" = { choices = [32, 64] }
[space."model.layers.2.units"]
low = 32
high = 128
step = 32
[space."model.layers.1.rate"]
low = 0.0
high = 0.6
step = 0.1
log = false""".splitlines()


@st.composite
def damaged_space(draw: st.DrawFn) -> str:
    """A space with one to three lines changed, doubled or taken out."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        key = lines[at].partition("=")[0]
        value = st.one_of(odd_values, odd_values.map("{{ choices = [1, {}] }}".format))
        changed = value.map(lambda one, key=key: f"{key}= {one}")
        lines[at] = draw(st.one_of(changed, st.sampled_from([*ODD_LINES, lines[at] * 2, ""])))
    return "\n".join(lines)


def read(toml: str) -> SearchSpace:
    return load_space(parse_toml(toml, "space.toml"))[0]


def test_the_space_that_is_damaged_is_whole() -> None:
    space = read("\n".join(LINES))
    space.check_against(RECIPE)
    assert space.combinations == 2 * 4 * 7


@fuzzed
@given(damaged_space())
@example('[space]\n"training.epochs" = {low = 1, high = 1e300, step = 1e-300}')
@example('[space]\n"training.epochs" = {choices = [1, [2]]}')
@example('[space]\n"\\u2028" = {choices = [1, 2]}')
def test_any_space(toml: str) -> None:
    space = outcome(lambda: read(toml))
    if isinstance(space, SearchSpace):
        outcome(lambda: space.check_against(RECIPE))
        for dimension in space.space.values():
            if dimension.count is not None and dimension.count < 1000:
                assert len(dimension.grid()) == dimension.count
