"""Tickets for /report: a link or a frame cannot send a header, and a key belongs in no address."""

import hashlib
import hmac
import time

TICKET_SECONDS = 120


def new_ticket(key: str) -> str:
    """A ticket that opens the report for a while, without giving away the key."""
    ends = int(time.time()) + TICKET_SECONDS
    return f"{ends}.{_signed(key, ends)}"


def is_valid(ticket: str, key: str) -> bool:
    ends, _, signature = ticket.partition(".")
    if not (ends.isascii() and ends.isdigit() and len(ends) < 16 and signature.isascii()):
        return False
    return int(ends) >= time.time() and hmac.compare_digest(signature, _signed(key, int(ends)))


def _signed(key: str, ends: int) -> str:
    return hmac.new(key.encode("utf-8"), f"report {ends}".encode(), hashlib.sha256).hexdigest()
