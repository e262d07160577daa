"""Strategies for e-mail addresses, with shared mailboxes in many spellings and malformed ones."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from accountmerge.model.emails import CustomerEmail, EmailAddress

_SHARED = (
    "ann@example.com",
    " Ann@Example.COM ",
    "ann+tag@example.com",
    "a.nn@example.com",
    "zoë@example.org",
    "zoe\u0308@example.org",
    "bo@münchen.example",
    "bo@xn--mnchen-3ya.example",
)
_MALFORMED = (
    "",
    " ",
    "@",
    "ann",
    "ann@",
    "@example.com",
    "a b@example.com",
    "a@b@example.com",
    "ann@exa_mple..com",
    "x@\u2488com",
)


@cache
def email_addresses() -> st.SearchStrategy[EmailAddress]:
    """Draw addresses of a few mailboxes in several spellings, malformed ones, and plain ones."""
    plain = st.integers(0, 20).map(lambda number: f"p{number}@example.net")
    texts = st.one_of(plain, plain, st.sampled_from(_SHARED), st.sampled_from(_MALFORMED))
    return texts.map(EmailAddress)


@cache
def customer_emails(customer_ids: tuple[str, ...] = ()) -> st.SearchStrategy[CustomerEmail]:
    """Draw an address of a customer with its use; some were the login of another customer."""
    login_of = st.sampled_from((None, None, *customer_ids))
    uses = st.sampled_from(("primary", "secondary", "former"))
    return st.builds(CustomerEmail, email_addresses(), uses, login_of)
