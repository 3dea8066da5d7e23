"""What a person typed and the server does not take: the page says so, and goes on."""

from pages import address, dismiss, message, until
from playwright.sync_api import Page


def test_too_many_trials_are_told_and_the_lab_goes_on(page: Page, server) -> None:
    page.goto(address(server, model="demo-gpt", stage="lab", **{"lab-trials": 900}))
    assert "1 to 500 trials" in message(page)
    until(lambda: page.is_hidden("#lab-measured-job"), "the end of the job's strip", page)
    dismiss(page)
    page.fill("#lab-trials", "10")
    page.fill("#lab-length", "20")
    page.click("#lab-start")
    until(lambda: "demo-gpt" in page.inner_text("#lab-verdict"), "the measurement", page)
    assert "10 trials" in page.inner_text("#lab-note")
