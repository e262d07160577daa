"""E-mail addresses: kept as they were written, compared as mailboxes, and no text ever raises."""

from __future__ import annotations

import unicodedata

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model import emails
from accountmerge.testing.strategies import email_addresses

_ODD = "aZß\u0131\u0130\u017f\u212a\u0301\u0308\u2488\u3000\u200d\u00a0\uff20\uff0e\u3002@.-_+ \t\n\"'()[]\\%\u05d0\U0001f600"
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text(st.sampled_from(_ODD), max_size=12),
    st.builds(
        lambda local, domain: f"{local}@{domain}",
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    ),
    email_addresses().map(lambda address: address.text),
)


def mailbox(text: str) -> str:
    return am.model.EmailAddress(text).mailbox


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.com", " ann@example.com\t\n"),
        ("ann@example.com", "ANN@Example.COM"),
        ("zoë@example.com", "zoe\u0308@example.com"),
        ("zoë@example.com", "ZOË@example.com"),
        ("\u01f0@example.com", "J\u030c@example.com"),  # only the small letter has a composed form
        ("bo@münchen.example", "bo@xn--mnchen-3ya.example"),
        ("bo@münchen.example", "bo@XN--MNCHEN-3YA.Example"),
        ("bo@münchen.example", "bo@MU\u0308NCHEN.example"),
        ("bo@münchen.example", "bo@münchen\u3002example"),
        ("bo@例え.example", "bo@xn--r8jz45g.example"),
    ],
)
def test_two_spellings_are_one_mailbox(one: str, other: str) -> None:
    assert mailbox(one) == mailbox(other)
    assert am.model.EmailAddress(one).is_same_mailbox(am.model.EmailAddress(other))
    assert am.model.EmailAddress(one) != am.model.EmailAddress(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.com", "a.nn@example.com"),
        ("ann@example.com", "ann+tag@example.com"),
        ("ann@example.com", "ann@example.org"),
        ("ann@example.com", "ann@mail.example.com"),
        ("zoe@example.com", "zoë@example.com"),
        ("strasse@example.com", "straße@example.com"),
        ("Not An Address", "not an address"),  # malformed: compared as text
        ("ann", "Ann"),
        ("ANN@", "ann@"),
        ("@EXAMPLE.COM", "@example.com"),
        ("A@B@example.com", "a@b@example.com"),
        ("A B@example.com", "a b@example.com"),
    ],
)
def test_two_texts_are_two_mailboxes(one: str, other: str) -> None:
    assert mailbox(one) != mailbox(other)
    assert not am.model.EmailAddress(one).is_same_mailbox(am.model.EmailAddress(other))


@given(texts)
@example("İ@example.com")
@example("x@\u2488com")
@example("a@" + "ü" * 300 + ".example")
@example("a@xn--a")
@example("a@\uff20.com")
def test_no_text_raises_and_a_mailbox_is_its_own_mailbox(text: str) -> None:
    address = am.model.EmailAddress(text)
    assert mailbox(address.mailbox) == address.mailbox
    assert isinstance(address.is_valid, bool)
    assert address.text == text


@given(texts, st.sampled_from((" ", "\t", "\u00a0", "")))
def test_surrounding_space_and_composition_do_not_matter(text: str, space: str) -> None:
    assert mailbox(f"{space}{text}{space}") == mailbox(text)
    assert mailbox(unicodedata.normalize("NFD", text)) == mailbox(unicodedata.normalize("NFC", text))


@given(texts, texts)
def test_addresses_are_equal_when_they_are_written_alike(one: str, other: str) -> None:
    first, second = am.model.EmailAddress(one), am.model.EmailAddress(other)
    assert (first == second) == (one == other)
    assert (first < second) == (one < other)
    assert hash(first) == hash(am.model.EmailAddress(one))


def test_an_address_is_taken_for_itself() -> None:
    address = am.model.EmailAddress("ann@example.com")
    assert am.model.EmailAddress(address) == address


@pytest.mark.parametrize(
    "text", ["ann@example.com", "ann+tag@example.com", "zoë@example.com", "bo@münchen.example", "a@b.co"]
)
def test_an_address_that_can_be_given_out_is_valid(text: str) -> None:
    assert am.model.EmailAddress(text).is_valid


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "@",
        "ann",
        "ann@",
        "@example.com",
        "a b@example.com",
        "a@b@example.com",
        "ann@localhost",
        "ann@exa_mple..com",
        "x@\u2488com",
        "ann@example.com\n",
    ],
)
def test_a_malformed_address_is_kept_and_not_valid(text: str) -> None:
    assert not am.model.EmailAddress(text).is_valid


def test_nothing_of_an_address_shows() -> None:
    address = am.model.EmailAddress("canary@example.com")
    assert "canary" not in repr(address) + repr(am.CustomerEmail(address, "primary", "C1"))


def test_emails_of_a_customer_sort_with_and_without_a_former_login() -> None:
    emails = [am.CustomerEmail("a@example.com", "former", login) for login in ("C2", None, "C1")]
    assert [email.login_of for email in sorted(emails)] == [None, "C1", "C2"]
    assert len({*emails, am.CustomerEmail("a@example.com", "primary")}) == 4


_LOCAL = "aZ09_+'-.!#{~ \"\\é\u0130\t\n"
_DOMAIN = "aZ09-.xn_é\u212a \n"
_LABELS = ("xn--", "a--b", "-a", "a-", "a" * 63, "a" * 64, "é", "9", "co", "com", "COM", "Test", "c", "")
addresses_near_plain_ones = st.one_of(
    texts,
    st.builds(
        "{}@{}.{}{}".format,
        st.text(st.sampled_from(_LOCAL), max_size=6) | st.sampled_from(["a" * 64, "a" * 65, ".a", "a..b"]),
        st.text(st.sampled_from(_DOMAIN), max_size=8)
        | st.lists(st.sampled_from(_LABELS), min_size=1, max_size=5).map(".".join),
        st.sampled_from([*_LABELS, *SPECIAL_USE_DOMAIN_NAMES]),
        st.sampled_from(["", "", "", ".", "\n", " "]),
    ),
)


def is_valid_to_the_validator(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


@given(addresses_near_plain_ones)
@example("ann@example.com")
@example("ann@mail.example-practice.com")
@example("ann@a--b.com")
@example("ann@example.com\n")
def test_an_address_that_the_quick_test_takes_is_valid_to_the_full_validator(text: str) -> None:
    if emails._PLAIN.fullmatch(text):
        assert is_valid_to_the_validator(text)


@given(addresses_near_plain_ones)
def test_an_address_is_valid_just_when_the_full_validator_says_so(text: str) -> None:
    assert am.model.EmailAddress(text).is_valid == is_valid_to_the_validator(text)


@pytest.mark.parametrize("name", SPECIAL_USE_DOMAIN_NAMES)
def test_the_quick_test_takes_no_domain_of_special_use(name: str) -> None:
    for domain in (name, f"mail.{name}", f"mail.{name.upper()}"):
        assert not emails._PLAIN.fullmatch(f"ann@{domain}")


@pytest.mark.parametrize(
    "text", ["ann@example.com", "O'Neill+x@mail.example-practice.com", "a.b-c_d@b1.example.co", "A@B.IO"]
)
def test_the_quick_test_takes_ordinary_addresses(text: str) -> None:
    assert emails._PLAIN.fullmatch(text)


_LOCALS = ("a", "a" * 64, "a" * 65, ".a", "a.", "a..b", "a'b", '"a"', "é", "a b", "")
_HOSTS = ("example.com", "b.test", "b.TEST", "xn--a.com", "a--b.com", "-a.com", "a-.com", f"{'a' * 63}.com")
_LONG_HOSTS = (
    f"{'a' * 64}.com",
    ".".join(["a" * 60] * 5) + ".com",
    "com",
    "a.1",
    "a.c",
    "a.com.",
    "é.com",
    "",
)


@pytest.mark.parametrize("local", _LOCALS)
@pytest.mark.parametrize("domain", [*_HOSTS, *_LONG_HOSTS])
def test_the_quick_test_takes_nothing_at_a_limit_that_the_full_validator_refuses(
    local: str, domain: str
) -> None:
    text = f"{local}@{domain}"
    assert is_valid_to_the_validator(text) or not emails._PLAIN.fullmatch(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("X@\u2488com", "x@\u2488COM"),
        ("Ann@exa_mple.com", "ann@EXA_MPLE.com"),
        ("Ann@-a.example", "ann@-A.Example"),
        ("Ann@é_x.example", "ann@é_X.Example"),
        ("Ann@-é.example", "ann@-é.EXAMPLE"),
        (f"Ann@{'a' * 64}.example", f"ann@{'A' * 64}.example"),
        (f"Ann@{'é' * 64}.example", f"ann@{'é' * 64}.EXAMPLE"),
        (f"Ann@{'a' * 400}.example", f"ann@{'A' * 400}.example"),
        ("Ann@H\u0331_.example", "ann@h\u0331_.example"),
    ],
)
def test_a_domain_that_idna_refuses_folds_ascii_case(one: str, other: str) -> None:
    assert mailbox(one) == mailbox(other)
    assert mailbox(mailbox(one)) == mailbox(one)


@given(texts)
def test_ascii_case_never_matters_to_text_with_the_shape_of_an_address(text: str) -> None:
    found = mailbox(f"a@{text}")
    if "@" not in text and not any(map(str.isspace, text)) and text:
        assert not any("A" <= letter <= "Z" for letter in found)
