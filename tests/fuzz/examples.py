"""How many inputs each fuzz test makes: a hundred, always the same, or others and more.

HOIQUY_FUZZ=10000 pytest tests/fuzz -o timeout=0 --hypothesis-show-statistics
"""

import os

from hypothesis import HealthCheck, Phase, settings

AMOUNT = os.environ.get("HOIQUY_FUZZ")
EXAMPLES = int(AMOUNT or 100)

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=AMOUNT is None,
    database=None,
    # Hypothesis need not explain what it found: the smallest input does.
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
