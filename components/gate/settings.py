"""What the gate was told at the start."""

import secrets
from dataclasses import dataclass, field

from components.gate.tokens import OnceCodes


@dataclass(frozen=True)
class Settings:
    """Under which names the app answers, and whom it knows.

    Attributes
    ----------
    port : int
        Where it listens. The cookie is made for this port.
    named : frozenset of str
        Hosts that it answers to besides the loopback ones, as `hosts.name_of` writes them.
    everywhere : bool
        It listens on all addresses of this machine, and answers to each of them.
    token : str or None
        What a visitor must know; None lets every process of this machine in (``--no-token``, and
        an app that is made by a test).
    secret : bytes
        Signs the handles of jobs.
    once : OnceCodes
        The codes that stand in for the token a single time.
    """

    port: int = 8050
    named: frozenset[str] = frozenset()
    everywhere: bool = False
    token: str | None = field(default=None, repr=False)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    once: OnceCodes = field(default_factory=OnceCodes, repr=False)
