"""E-mail addresses, stored as written and compared as mailboxes."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

import attrs

from accountmerge.model.private import privacy
from accountmerge.model.texts import IDENTIFIER, plain_text
from accountmerge.model.value_rules import checked, optional, words
from accountmerge.model.values import Displayed

EmailUse = Literal["primary", "secondary", "former"]
EMAIL_USES: tuple[EmailUse, ...] = get_args(EmailUse)
"""The uses of an address, strongest first."""


_LONGEST = 320
"""Longest mailbox in characters (RFC 5321, 4.5.3.1: 64, `@` and 255). Far longer text could take minutes to normalise."""

_SPECIAL = ("arpa", "invalid", "local", "localhost", "onion", "test")
"""Last labels of domains that need the full validator (RFC 6761 and others)."""
_PLAIN = re.compile(
    r"(?=[^@]{1,64}@[^@]{1,63}\Z)"
    r"[A-Za-z0-9_+'-]+(?:\.[A-Za-z0-9_+'-]+)*"
    rf"@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+(?!(?i:{'|'.join(_SPECIAL)})\Z)[A-Za-z]{{2,}}"
)
"""Addresses that are certainly valid: ASCII, no quotes, no two hyphens in a row, far from every limit of length.

Nearly all addresses match; the full validator takes fifty times as long.
"""


def _as_written(text: str | EmailAddress) -> str:
    return text.text if isinstance(text, EmailAddress) else plain_text(text)


@privacy(personal="text")
@attrs.frozen(repr=False, order=True, field_transformer=checked())
class EmailAddress(Displayed):
    """An address as it was written; a malformed one raises no error and is reported.

    Two addresses are equal when they are written alike; they are one mailbox when `mailbox` is equal.

    Raises:
        InvalidValueError: The value is no text, or has half of a character pair.
    """

    text: str = attrs.field(converter=_as_written)

    @property
    def mailbox(self) -> str:
        """The normalised form by which addresses are compared.

        Surrounding space is dropped, the text brought to NFC, the local part lower-cased, and the domain lower-cased
        as IDNA does (if IDNA refuses the domain: only its ASCII letters). Plus tags and dots matter. Text without the
        shape of an address (one `@`, text on both sides, no white space) is compared as it is.
        """
        return mailbox_of(self.text)

    def is_same_mailbox(self, other: EmailAddress) -> bool:
        """Return whether both addresses are one mailbox."""
        return self.mailbox == other.mailbox

    @property
    def is_valid(self) -> bool:
        """Whether the address can be used as a new one (syntax of RFC 5322 and RFC 6531)."""
        if _PLAIN.fullmatch(self.text):
            return True
        if len(self.text) > _LONGEST:
            return False
        # The validator is slow to import, so it is imported only for an unusual address.
        from email_validator import EmailNotValidError, validate_email

        try:
            validate_email(self.text, check_deliverability=False)
        except EmailNotValidError:
            return False
        return True

    def __repr__(self) -> str:
        return "EmailAddress(…)"


def mailbox_of(address: str) -> str:
    """Return the normalised form of an address, or of any other text."""
    text = address.strip()
    if len(text) > _LONGEST:
        return _lowered_ascii(text) if _has_shape(text) else text
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not _has_shape(text):
        return text
    local, _, domain = text.partition("@")
    return f"{_lower(local)}@{_domain_key(domain)}"


def _has_shape(text: str) -> bool:
    """Return whether text is two texts around one `@`, without white space."""
    local, _, domain = text.partition("@")
    return bool(local and domain) and "@" not in domain and not text.split(None, 1)[1:]


def _lower(local: str) -> str:
    # Lower-casing can take a text out of NFC, such as a capital I with dot above.
    return local.lower() if local.isascii() else unicodedata.normalize("NFC", local.lower())


def _domain_key(domain: str) -> str:
    """Return a domain as IDNA writes it, or with lower-cased ASCII letters if IDNA refuses it."""
    if domain.isascii():
        return domain.lower()
    import idna  # few domains need it, and its tables are slow to import

    try:
        encoded = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        encoded = ""
    # Lower-casing can take a text out of NFC, such as an H with macron below.
    return encoded or unicodedata.normalize("NFC", _lowered_ascii(domain))


def _lowered_ascii(text: str) -> str:
    return text.translate(_ASCII_LOWER)


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def email_address(address: str | EmailAddress) -> EmailAddress:
    """Return an address, built from text if necessary."""
    if type(address) is EmailAddress:
        return address
    return EmailAddress(plain_text(address))  # a value that is no text is an error of the field that holds it


@privacy(personal="address", plain="use login_of")
@attrs.frozen(
    repr=False,
    order=True,
    field_transformer=checked(use=words(*EMAIL_USES), login_of=optional(IDENTIFIER)),
)
class CustomerEmail(Displayed):
    """An address of a customer and its use.

    Attributes:
        address: The address.
        use: `primary` signs in, `secondary` is only for contact, `former` was once a login.
        login_of: The customer whose login it once was: an absorbed customer, or the holder before another use.
    """

    address: EmailAddress = attrs.field(converter=email_address)
    use: EmailUse
    login_of: str | None = attrs.field(default=None, order=lambda name: name or "")

    def __repr__(self) -> str:
        return f"CustomerEmail(…, {self.use!r})"
