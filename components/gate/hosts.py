"""Names of hosts: which ones a request may be for, and which one the terminal prints.

A page elsewhere can have its own name lead to this machine (DNS rebinding). For the browser it may
then read our answers as its own, but its requests say that name in ``Host``. An address in digits
can't be made to lead elsewhere.
"""

import ipaddress
import re
import socket
from ipaddress import IPv4Address, IPv6Address

import psutil

from components.gate.settings import Settings

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?", re.ASCII)
_PARTS = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<name>[^\[\]:]+))(?::[0-9]{0,5})?", re.ASCII)
_NOT_TO_REACH = ("127.", "169.254.", "fe80:")  # loopback, and what needs the name of an interface


def name_of(host: str) -> str:
    """Return a host without its port, in one spelling; "" if it is none.

    Parameters
    ----------
    host : str
        From a ``Host`` header or an option: ``LocalHost:8050``, ``[::1]:8050``, ``::1``.
    """
    host = host.strip()
    if address := _address(host):
        return str(address)
    parts = _PARTS.fullmatch(host)
    if not parts:
        return ""
    if parts["six"]:
        address = _address(parts["six"])
        return str(address) if address and address.version == 6 else ""
    name = parts["name"].lower().removesuffix(".")
    if address := _address(name):
        return str(address)
    return name if _NAME.fullmatch(name) else ""


def is_loopback(name: str) -> bool:
    """Tell whether a name from `name_of` never leaves this machine."""
    address = _address(name)
    if address is None:
        return name == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def is_wildcard(name: str) -> bool:
    """Tell whether listening there means listening on every address."""
    address = _address(name)
    return address is not None and address.is_unspecified


def is_known(name: str, settings: Settings) -> bool:
    """Tell whether the app answers to a name from `name_of`."""
    if not name:
        return False
    if is_loopback(name) or name in settings.named:
        return True
    return settings.everywhere and name in own_addresses()


def own_addresses() -> list[str]:
    """Return the addresses of this machine, as they are now: cables and networks come and go."""
    found = [
        name_of(entry.address.partition("%")[0])
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    ]
    return [address for address in found if address]


def reachable(host: str) -> str:
    """Return the host that others can type for the one that is listened on."""
    if not is_wildcard(host):
        return host
    version = _address(host).version
    others = [
        address
        for address in own_addresses()
        if _address(address).version == version
        and not is_loopback(address)
        and not address.startswith(_NOT_TO_REACH)
    ]
    return others[0] if others else ("127.0.0.1" if version == 4 else "::1")


def written(host: str) -> str:
    """Return a host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
