"""What a running job says of itself."""

from compute.progress import Meter


def test_it_tells_the_count_and_in_the_end_all():
    told = []
    meter = Meter(told.append, "heads")
    meter.mininterval = 0
    for done in range(1, 5):
        meter.at(done, 4)
    assert told[-1] == (100, "4 of 4 heads")
    assert [percent for percent, _ in told] == [25, 50, 75, 100]
    assert all(text.startswith(f"{i + 1} of 4 heads") for i, (_, text) in enumerate(told))
    assert "left" in told[1][1] and "left" not in told[-1][1]


def test_large_numbers_are_readable_and_quick_ticks_are_left_out():
    told = []
    meter = Meter(told.append, "tokens")
    for done in range(1, 20001):
        meter.at(done, 20_000)
    assert len(told) < 100
    assert all("of 20,000 tokens" in text for _, text in told)


def test_a_closed_meter_says_nothing_more():
    told = []
    meter = Meter(told.append, "heads")
    meter.mininterval = 0
    meter.at(1, 4)
    meter.close()
    del meter
    assert len(told) == 1
