"""Numbers as the page writes them."""


def signed(value: float, digits: int = 2) -> str:
    """Return a number with a true minus sign, and without one where it is rounded to 0."""
    return f"{value:z.{digits}f}".replace("-", "−")


def small(value: float) -> str:
    """Return a small positive number by its power of ten, such as 3e−07."""
    return f"{value:.0e}".replace("e-", "e−")
