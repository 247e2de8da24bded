"""The addresses of a host, looked up once and checked; what is connected to is one of these and no other."""

import contextlib
import ipaddress
import socket
import threading

from ..errors import AccessDenied, FetchFailed
from ..policy import Policy
from .clock import Clock
from .location import Location

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA = frozenset(
    ipaddress.ip_address(one)
    for one in (
        "169.254.169.254",  # AWS, Google, Azure, OpenStack, …
        "169.254.170.2",  # AWS ECS: credentials of the task
        "169.254.170.23",  # AWS EKS: credentials of the pod
        "fd00:ec2::254",  # AWS over IPv6
        "fd00:ec2::23",  # AWS EKS over IPv6
        "fd20:ce::254",  # Google over IPv6
        "168.63.129.16",  # Azure's agent: a public address
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
    )
)
"""Services that hand a machine's credentials to whoever asks from it."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = ipaddress.ip_network("::/96")  # RFC 4291 §2.5.5.1
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291 §2.4, IANA


def checked_addresses(location: Location, policy: Policy, clock: Clock) -> list[Address]:
    """The host's addresses in the resolver's order, each allowed.

    One address that is not allowed refuses them all: a name that has both kinds is made to slip through.

    Raises:
        AccessDenied: an address is not public, and the policy allows no network with it.
        FetchFailed: the host has no address.
        TimeoutError: the resolver took too long.
    """
    addresses = list(dict.fromkeys(_look_up(location, clock.wait_s(policy.fetch_timeout_s))))
    if not addresses:
        raise FetchFailed(location.origin, "its host has no address")
    if not all(is_allowed(address, policy) for address in addresses):
        raise AccessDenied(
            f"{location.origin} has an address that is not connected to from here.",
            hint="Only public addresses are, and networks that the operator allows.",
        )
    return addresses


def is_allowed(address: Address, policy: Policy) -> bool:
    """Whether an address is public, or within a network that the policy allows.

    Of an IPv6 address that leads to IPv4 ones (mapped, compatible, NAT64, 6to4, Teredo) those decide.
    """
    networks = [ipaddress.ip_network(network) for network in policy.networks]
    for form in _embedded(address) or (address,):
        allowed = any(form in network and (form not in METADATA or network.num_addresses == 1) for network in networks)
        if not allowed and (form in METADATA or not _is_public(form)):
            return False
    return True


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def _embedded(address: Address) -> tuple[Address, ...]:
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):  # :: and ::1 are themselves
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in inner if one is not None)


def _look_up(location: Location, timeout_s: float) -> list[Address]:
    """The host's addresses; looking up has no time limit of its own, so this waits beside it."""
    with contextlib.suppress(ValueError):
        return [ipaddress.ip_address(location.host)]
    found: list[list[Address]] = []
    asking = threading.Thread(target=lambda: found.append(_ask_resolver(location)), daemon=True)
    asking.start()
    asking.join(timeout_s)
    if not found:
        raise TimeoutError
    return found[0]


def _ask_resolver(location: Location) -> list[Address]:
    try:
        answers = socket.getaddrinfo(location.host, location.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(sockaddr[0])) for *_, sockaddr in answers]
