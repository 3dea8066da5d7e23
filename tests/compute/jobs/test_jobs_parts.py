"""Models of one stack, asked for what only encoder–decoders have."""

import pytest
from stored import quiet

from compute.jobs import opening


def test_a_part_that_a_model_lacks_is_refused_whether_its_run_is_kept_or_not(cache) -> None:
    opening.open_run("demo-gpt", "grammar", quiet)
    for part in ("encoder", "cross"):
        with pytest.raises(opening.NoSuchPart, match=f"no part called “{part}”"):
            opening.open_run("demo-gpt", "grammar", quiet, part=part)
