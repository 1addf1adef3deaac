"""Columns of made-up people, and columns of numbers that are nobody's.

faker makes what it can, python-stdnum the check digits of what it cannot, and says of both
whether they are valid.
"""

import datetime
import json

import faker
import stdnum.au.tfn
import stdnum.be.nn
import stdnum.ca.sin
import stdnum.de.idnr
import stdnum.es.dni
import stdnum.es.nie
import stdnum.fi.hetu
import stdnum.fr.nir
import stdnum.gb.nhs
import stdnum.iban
import stdnum.ie.pps
import stdnum.it.codicefiscale
import stdnum.luhn
import stdnum.nl.bsn
import stdnum.no.fodselsnummer
import stdnum.pl.pesel
import stdnum.pt.nif
import stdnum.se.personnummer

import common

LENGTH = 1500
DICE = common.dice("people")


def locale(name):
    f = faker.Faker(name)
    f.seed_instance(7)
    return f


FAKERS = {name: locale(name) for name in ("en_GB", "en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "nl_BE", "sv_SE", "no_NO", "fi_FI", "pl_PL", "en_CA", "pt_PT")}


def digits(n):
    return "".join(DICE.choices("0123456789", k=n))


def born():
    return datetime.date(1930, 1, 1) + datetime.timedelta(DICE.randrange(29000))


def checked(make, valid):
    """Values that are valid: a number that no check digit fits is drawn anew."""

    def column():
        while True:
            value = make()
            if value and valid(value.replace(" ", "")):
                return value

    return column


def nhs(body=None):
    """A number that the check digit of an NHS number makes valid, or none where no digit does."""
    body = body or digits(9)
    return next((body + d for d in "0123456789" if stdnum.gb.nhs.is_valid(body + d)), None)


def spaced(number):
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def guessed(n, valid):
    """Tries numbers until one is valid: of ten to a hundred, one is."""
    return checked(lambda: digits(n), valid)


def national_insurance():
    """By the prefixes that HMRC gives out (NIM39110)."""
    prefix = DICE.choice("ABCEGHJKLMNOPRSTWXYZ") + DICE.choice("ABCEGHJKLMNPRSTWXYZ")
    if prefix in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
        return national_insurance()
    return prefix + digits(6) + DICE.choice("ABCD")


def spanish():
    if DICE.random() < 0.3:
        body = DICE.choice("XYZ") + digits(7)
        return body + stdnum.es.nie.calc_check_digit(body)
    body = digits(8)
    return body + stdnum.es.dni.calc_check_digit(body)


def french():
    body = DICE.choice("12") + born().strftime("%y%m") + f"{DICE.randrange(1, 95):02d}" + digits(6)
    return body + stdnum.fr.nir.calc_check_digits(body)


def irish():
    body = digits(7)
    return next((body + c for c in "ABCDEFGHIJKLMNOPQRSTUVW" if stdnum.ie.pps.is_valid(body + c)), None)


def finnish():
    body = born().strftime("%d%m%y") + "-" + f"{DICE.randrange(2, 900):03d}"
    return body + stdnum.fi.hetu._calc_checksum(body[:6] + body[7:])


def people(name, method):
    return lambda: getattr(FAKERS[name], method)()


ANY = ("id", "number", "x", "code", "ref")

# COLUMNS are (name, rule, headers, maker of a value). A header that tells nothing has to do for
# numbers with a check digit.
COLUMNS = (
    ("NHS number", "pii.nhs_number", ("nhs_number", "NHS No", "patient", *ANY), checked(nhs, stdnum.gb.nhs.is_valid)),
    ("NHS number, spaced", "pii.nhs_number", ("nhs_number", "NHS No", *ANY), lambda: spaced(checked(nhs, stdnum.gb.nhs.is_valid)())),
    ("CHI number", "pii.chi_number", ("chi", "CHI number", *ANY), checked(lambda: nhs(born().strftime("%d%m%y") + digits(3)), stdnum.gb.nhs.is_valid)),
    *((f"IBAN {c}", "pii.iban", ("iban", "account", *ANY), checked(people(c, "iban"), stdnum.iban.is_valid)) for c in ("en_GB", "de_DE", "fr_FR", "es_ES", "nl_NL", "it_IT")),
    ("IBAN, spaced", "pii.iban", ("iban", *ANY), lambda: stdnum.iban.format(FAKERS["en_GB"].iban())),
    ("card number", "pii.card", ("card", "pan", *ANY), checked(lambda: FAKERS["en_GB"].credit_card_number(DICE.choice(("visa16", "mastercard", "amex"))), stdnum.luhn.is_valid)),
    ("card number, spaced", "pii.card", ("card", *ANY), lambda: " ".join(n[i : i + 4] for n in [FAKERS["en_GB"].credit_card_number("visa16")] for i in range(0, 16, 4))),
    ("National Insurance number", "pii.nino", ("nino", *ANY), national_insurance),
    ("Ireland", "pii.national_id", ("ppsn", "national_id", *ANY), checked(irish, stdnum.ie.pps.is_valid)),
    ("France", "pii.national_id", ("nir", *ANY), checked(french, stdnum.fr.nir.is_valid)),
    ("Germany", "pii.national_id", ("steuer_id", *ANY), guessed(11, stdnum.de.idnr.is_valid)),
    ("Spain", "pii.national_id", ("dni", *ANY), checked(spanish, lambda v: stdnum.es.dni.is_valid(v) or stdnum.es.nie.is_valid(v))),
    ("Italy", "pii.national_id", ("codice", *ANY), checked(people("it_IT", "ssn"), stdnum.it.codicefiscale.is_valid)),
    ("Netherlands", "pii.national_id", ("bsn", *ANY), checked(people("nl_NL", "ssn"), stdnum.nl.bsn.is_valid)),
    ("Sweden", "pii.national_id", ("personnummer", *ANY), checked(people("sv_SE", "ssn"), stdnum.se.personnummer.is_valid)),
    ("Norway", "pii.national_id", ("fnr", *ANY), checked(people("no_NO", "ssn"), stdnum.no.fodselsnummer.is_valid)),
    ("Finland", "pii.national_id", ("hetu", *ANY), checked(finnish, stdnum.fi.hetu.is_valid)),
    ("Poland", "pii.national_id", ("pesel", *ANY), checked(people("pl_PL", "pesel"), stdnum.pl.pesel.is_valid)),
    ("Belgium", "pii.national_id", ("rn", *ANY), checked(people("nl_BE", "ssn"), stdnum.be.nn.is_valid)),
    ("Portugal", "pii.national_id", ("nif", *ANY), checked(lambda: DICE.choice("123") + digits(8), stdnum.pt.nif.is_valid)),
    ("Australia", "pii.national_id", ("tfn", *ANY), guessed(9, stdnum.au.tfn.is_valid)),
    ("Canada", "pii.national_id", ("sin", *ANY), checked(lambda: FAKERS["en_CA"].ssn().replace(" ", ""), stdnum.ca.sin.is_valid)),
    *((f"e-mail {c}", "pii.email", ("email", "contact", *ANY), lambda c=c: DICE.choice((FAKERS[c].free_email, FAKERS[c].company_email))()) for c in ("en_GB", "en_US", "de_DE", "fr_FR", "pl_PL")),
    ("full postcode", "pii.postcode_full", ("postcode", "address", *ANY), lambda: FAKERS["en_GB"].postcode()),
    ("full postcode without space", "pii.postcode_full", ("postcode", "home", *ANY), lambda: FAKERS["en_GB"].postcode().replace(" ", "")),
    # Nobody's.
    *((f"{n} digits", None, ("value", "reading", "barcode", *ANY), lambda n=n: str(DICE.randrange(10 ** (n - 1), 10**n))) for n in range(7, 17)),
    ("seconds", None, ("timestamp", "time", "x"), lambda: str(1_500_000_000 + DICE.randrange(200_000_000))),
    ("milliseconds", None, ("timestamp", "time", "x"), lambda: str(1_500_000_000_000 + DICE.randrange(200_000_000_000))),
    ("counter of ten digits", None, ("order", "specimen", "id"), iter(map(str, range(4_000_000_000, 4_000_000_000 + LENGTH))).__next__),
    ("EAN", None, ("ean", "barcode", "product"), lambda: FAKERS["en_GB"].ean13()),
    ("ISBN-13", None, ("isbn", "book"), lambda: FAKERS["en_GB"].isbn13(separator="")),
    ("UUID", None, ("key", "ref", "x"), lambda: FAKERS["en_GB"].uuid4()),
    ("hash", None, ("hash", "x"), lambda: FAKERS["en_GB"].sha1()),
    ("district", None, ("postcode", "district"), lambda: FAKERS["en_GB"].postcode().split()[0]),
    ("zip code", None, ("zip", "area"), lambda: FAKERS["en_US"].postcode()),
    ("sample code", None, ("sample", "code"), lambda: DICE.choice("ABCDEFGH") + digits(6) + DICE.choice("WXYZ")),
    ("plate", None, ("vehicle", "x"), lambda: FAKERS["en_GB"].license_plate()),
    ("handle", None, ("user", "account"), lambda: "@" + FAKERS["en_GB"].user_name()),
    ("example address", None, ("email", "contact"), lambda: FAKERS["en_GB"].safe_email()),
    ("formula", None, ("model", "x"), lambda: f"y@{digits(1)} ~ x{digits(1)}"),
    ("IP address", None, ("host", "x"), lambda: FAKERS["en_GB"].ipv4()),
    ("version", None, ("version", "x"), lambda: ".".join(digits(1) for _ in range(3))),
    ("date", None, ("date", "visit"), lambda: FAKERS["en_GB"].date()),
    ("ICD-10", None, ("icd", "diagnosis"), lambda: DICE.choice("ABCDEFGHIJKLMNOP") + digits(2) + "." + digits(1)),
    ("OPCS and SNOMED", None, ("concept", "snomed"), lambda: digits(DICE.choice((8, 9))) + "00" + digits(1)),
    ("genome place", None, ("variant", "x"), lambda: f"{DICE.randrange(1, 23)}:{digits(8)}:A:G"),
    ("molecular formula", None, ("compound", "x"), lambda: f"C{digits(1)}H{digits(2)}O{digits(1)}"),
)


def main():
    out = []
    for name, rule, headers, make in COLUMNS:
        out.append({"name": name, "rule": rule or "", "headers": headers, "values": [str(make()) for _ in range(LENGTH)]})
    folder = common.ROOT / "made"
    folder.mkdir(exist_ok=True)
    (folder / "people.json").write_text(json.dumps(out), encoding="utf-8")


if __name__ == "__main__":
    main()
