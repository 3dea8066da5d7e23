"""What components of the page are told of: `quiet.js` stands between them and Dash's store."""

import pytest

MADE = """() => {
    const listeners = [];
    let state = {layout: 0, callbacks: 0, loading: 0, isLoading: 0, paths: 0};
    window.told = [];
    window.step = change => {
        state = {...state, ...change};
        listeners.forEach(listener => listener());
    };
    const store = {getState: () => state, subscribe: listener => listeners.push(listener)};
    store.subscribe(() => told.push("dash"));  // Dash itself hears of every step
    window.dash_stores.push(store);
    window.dash_stores.at(-1).subscribe(() => told.push(state));
}"""
# The steps in one go, what was told meanwhile, and what until a moment later.
STEPS = """async steps => {
    const components = () => told.filter(each => each !== "dash");
    steps.forEach(change => step(change));
    const meanwhile = components().length;
    await null;
    const all = [meanwhile, components().length, told.length - components().length];
    const last = components().at(-1);
    told.length = 0;
    return [all, last];
}"""


@pytest.mark.parametrize(
    ("steps", "meanwhile", "later"),
    [
        ([{"callbacks": 1}, {"callbacks": 2}], 0, 0),
        ([{}], 0, 0),
        ([{"layout": 1}, {"layout": 2}], 2, 2),
        ([{"loading": 1}, {"paths": 1}, {"callbacks": 3, "isLoading": 1}], 0, 1),
        ([{"loading": 2}, {"layout": 3}], 1, 1),
        ([{"layout": 4, "callbacks": 4}, {"loading": 3}], 1, 2),
        ([{"appeared": 1}], 1, 1),
    ],
    ids=["steps", "nothing", "layout", "signs", "a sign first", "a sign last", "unknown"],
)
def test_components_hear_of_what_they_can_show(blank, steps, meanwhile, later) -> None:
    blank.evaluate(MADE)
    counts, last = blank.evaluate(STEPS, steps)
    assert counts == [meanwhile, later, len(steps)]
    if later:  # as all of it is by then
        assert {
            key: value for change in steps for key, value in change.items()
        }.items() <= last.items()


def test_what_is_told_late_is_told_again_when_it_changes_again(blank) -> None:
    blank.evaluate(MADE)
    for sign in (1, 2):
        counts, last = blank.evaluate(STEPS, [{"loading": sign}])
        assert counts == [0, 1, 1] and last["loading"] == sign
