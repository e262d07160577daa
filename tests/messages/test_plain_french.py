"""Plain French: no sentence of the catalogues breaks a rule, and each rule finds a sentence that breaks it."""

from __future__ import annotations

import pytest

import plain_french
from plain_french import KINDS, LONGEST_SENTENCE, PATTERNS, breaches, judged, messages

BREAKING = {
    "anglicism": "Le client cédule un booking par e-mail.",
    "makes_up_for": "Le rendez-vous est repris.",
    "appointed": "Une personne nommée doit confirmer.",
    "survivor": "La valeur du survivant a été conservée.",
    "none_of_this": "La décision n’est rien de ceci\u00a0: x.",
    "sheet": "Notes et autres fiches.",
    "double_booking": "Aucun double rendez-vous.",
    "to_book_a_person": "Réserver cet intervenant.",
    "ends_as": "Il aboutit à l’état final.",
    "guard": "Les gardes laissent passer.",
    "clause_for_a_noun": "Corrigez ce qui bloque le plan.",
    "whoever": "Quiconque le demande.",
    "opens_with_nothing": "Rien ne change.",
    "here_and_there": "Le client susdit.",
    "and_or": "Un client et/ou un profil.",
    "space_before_colon": "Un mot : un autre.",
    "space_before_mark": "Est-ce juste ?",
    "apostrophe": "L'adresse.",
    "quotation_mark": "Le mot « vrai ».",
    "unit": "Il reste 5 min.",
    "three_dots": "Lecture...",
    "long_sentence": " ".join(["mot"] * (LONGEST_SENTENCE + 1)) + ".",
}
PLAIN = {
    "anglicism": "Le client fixe un rendez-vous par courriel; `login` et plan.snapshot sont du code.",
    "makes_up_for": "Le rendez-vous est transféré.",
    "appointed": "Une personne désignée par son nom doit confirmer.",
    "survivor": "La valeur du client conservé a été gardée.",
    "none_of_this": "La décision ne fait pas partie des choix\u00a0: x.",
    "sheet": "Notes et autres éléments.",
    "double_booking": "Aucune double réservation.",
    "to_book_a_person": "Prendre rendez-vous pour cet intervenant.",
    "ends_as": "Son état devient\u00a0: annulé.",
    "guard": "Les contrôles acceptent le plan, et le client garde l’heure.",
    "clause_for_a_noun": "Corrigez les obstacles jusqu’à ce que le plan soit prêt.",
    "whoever": "Toute personne qui le demande.",
    "opens_with_nothing": "Aucune donnée ne change.",
    "here_and_there": "Ce client.",
    "and_or": "Un client, un profil ou les deux.",
    "space_before_colon": "Un mot\u00a0: un autre, à 09:30.",
    "space_before_mark": "Est-ce juste? Oui; vraiment!",
    "apostrophe": "L’adresse.",
    "quotation_mark": "Le mot «\u00a0vrai\u00a0».",
    "unit": "Il reste 5\u00a0min.",
    "three_dots": "Lecture…",
    "long_sentence": " ".join(["mot"] * LONGEST_SENTENCE) + ". " + " ".join(["mot"] * LONGEST_SENTENCE),
}


def test_no_french_sentence_breaks_a_rule() -> None:
    assert [(breach.kind, breach.key, breach.sentence) for breach in breaches()] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_that_breaks_a_rule_is_found(kind: str) -> None:
    assert kind in dict(judged(BREAKING[kind]))
    assert not dict(judged(PLAIN[kind]))


def test_every_kind_has_a_sentence_that_breaks_it() -> None:
    assert BREAKING.keys() == PLAIN.keys() == {*PATTERNS, "long_sentence"}


def test_both_numbers_of_a_message_are_read() -> None:
    text = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n\nmsgid "a.b"\nmsgid_plural "a.b"\nmsgstr[0] "Un"\nmsgstr[1] "Deux \\"x\\""\n'
    assert list(messages(text)) == [("a.b", "Un"), ("a.b", 'Deux "x"')]


@pytest.mark.parametrize(
    "code",
    [
        *(
            "`login`",
            "{start:bare}",
            "--accept",
            "am.plan_merge",
            "accountmerge show",
            "merged_into",
            "CustomerEdit",
        ),
        *(
            'MergeRules(actor="authorised")',
            "am.Limits(record_kinds=[am.merges.RecordKind(x)])",
            "ACCOUNTMERGE_LANG",
        ),
        *("docs/testing.md", "sqlite:///practice.db", "2026-03-02T09:00:00+11:00", "«\u00a0merge\u00a0»"),
    ],
)
def test_code_is_one_word(code: str) -> None:
    assert plain_french.without_code(f"avec {code}, ou non") == "avec code, ou non"
