"""What the name of a host says about it."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Is it this machine itself?"""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
