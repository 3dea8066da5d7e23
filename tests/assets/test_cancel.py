"""Cancel, pressed in a job's first moment, is pressed again: until the strip is gone, or enough."""

import pytest
from pages import until

MOST = 100
MADE = """() => {
    document.body.insertAdjacentHTML("beforeend",
        "<div class='job' id='x-job'><button id='x-cancel'>Cancel</button></div>");
    window.pressed = 0, window.ticks = [];
    document.getElementById("x-cancel").addEventListener("click", () => { pressed += 1; });
    window.setInterval = tick => ticks.push(tick);  // its number is above 0
    window.clearInterval = number => { ticks[number - 1] = null; };
}"""
TICK = "times => { for (let i = 0; i < times; i += 1) ticks.forEach(tick => tick && tick()); }"


@pytest.fixture
def strip(blank):
    blank.evaluate(MADE)
    return blank


def running(page) -> int:
    return page.evaluate("() => ticks.filter(Boolean).length")


def pressed(page) -> int:
    return page.evaluate("() => pressed")


def test_it_is_pressed_again_until_the_strip_is_gone(strip) -> None:
    strip.click("#x-cancel")
    strip.evaluate(TICK, 3)
    assert (pressed(strip), running(strip)) == (4, 1)  # its own clicks start nothing
    strip.click("#x-cancel")
    assert (pressed(strip), running(strip)) == (5, 1)  # nor does another one meanwhile
    strip.evaluate("() => { document.getElementById('x-job').hidden = true; }")
    until(lambda: running(strip) == 0, "the end", strip)
    strip.evaluate(TICK, 3)
    assert pressed(strip) == 5
    strip.evaluate("() => { document.getElementById('x-job').hidden = false; }")
    strip.click("#x-cancel")  # of the next job
    assert running(strip) == 1


def test_it_gives_up_where_nothing_answers(strip) -> None:
    strip.click("#x-cancel")
    strip.evaluate(TICK, 3 * MOST)
    assert (pressed(strip), running(strip)) == (1 + MOST, 0)
    strip.click("#x-cancel")
    assert (pressed(strip), running(strip)) == (2 + MOST, 1)


def test_what_a_script_clicks_is_not_repeated(strip) -> None:
    strip.evaluate("() => document.getElementById('x-cancel').click()")
    assert (pressed(strip), running(strip)) == (1, 0)
