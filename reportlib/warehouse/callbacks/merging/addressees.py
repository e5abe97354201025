"""Whose address a recipient is: a contact's attribute, its id, or what callbacks have called it before.

Addresses that are the same but for their signs are compared in the database. Phone numbers that are written in other
ways are compared by `phones`, and only those that end as a recipient does who would be nobody otherwise.
"""

from sqlalchemy import Connection, Select, Text, case, func, insert, literal, select, union

from reportlib.warehouse.callbacks.ledger import known_addresses
from reportlib.warehouse.callbacks.merging.phones import (
    FEWEST_DIGITS,
    country_called,
    country_of,
    digits,
    is_number,
    numbers,
)
from reportlib.warehouse.contract.tables import Identifier, contact_attributes, contacts
from reportlib.warehouse.engines import append, made_anew, temporary

ADDRESSES = ("phone", "whatsapp", "email")  # the contact attributes that hold an address; a contact_id may be one too
_SIGNS = " -+().:/\u00a0"

wanted = temporary("wanted_recipients", recipient=Text)
endings = temporary("wanted_endings", recipient=Text, ending=Text)
addressees = temporary("addressees", recipient=Text, contact_id=Identifier)


def find_addressees(connection: Connection, recipients: Select):
    """Fill `addressees` with the contacts of these recipients, a select of one column."""
    made_anew(connection, wanted, addressees)
    asked = recipients.subquery()
    some = select(asked.c[0]).where(asked.c[0].is_not(None)).distinct()
    connection.execute(insert(wanted).from_select(["recipient"], some))
    connection.execute(insert(addressees).from_select(["recipient", "contact_id"], _written_alike()))
    found = select(addressees.c.recipient)
    rest = connection.scalars(select(wanted.c.recipient).where(wanted.c.recipient.not_in(found))).all()
    phones = [(text, digits(text)[-FEWEST_DIGITS:]) for text in rest if is_number(text)]
    if phones:
        made_anew(connection, endings)
        append(connection, endings, phones)
        append(connection, addressees, _written_otherwise(connection))


def normal(address):
    """An address as the database compares it: e-mail in lower case, of a phone number the digits alone."""
    number = address
    for letter in "+ -":
        number = func.replace(number, letter, "")
    return case((address.contains("@"), func.lower(address)), else_=number)


def _texts():
    """contact_id and text of everything that may be an address."""
    attribute = contact_attributes.c
    of_attribute = select(attribute.contact_id, attribute.value.label("text")).where(attribute.attribute.in_(ADDRESSES))
    of_id = select(contacts.c.contact_id, contacts.c.contact_id.label("text"))
    return of_attribute, of_id


def _written_alike():
    recipient = normal(wanted.c.recipient)
    alike = []
    for texts in _texts():
        text = texts.subquery()
        same = normal(text.c.text) == recipient
        alike.append(select(wanted.c.recipient, text.c.contact_id).join_from(wanted, text, same))
    told = known_addresses.c
    same = told.address == wanted.c.recipient
    return union(*alike, select(wanted.c.recipient, told.contact_id).join_from(wanted, known_addresses, same))


def _written_otherwise(connection) -> list[tuple]:
    """recipient and contact_id of phone numbers that are one, however written; a national one of the contact's country.

    Where nobody says the country, a national number is taken for one of the other's.
    """
    pairs = []
    for texts in _texts():
        text = texts.subquery()
        number = text.c.text
        for letter in _SIGNS:
            number = func.replace(number, letter, "")
        ending = func.substr(number, func.length(number) - literal(FEWEST_DIGITS - 1))
        asked = (
            select(endings.c.recipient, text.c.contact_id, text.c.text, contacts.c.country)
            .join_from(endings, text, endings.c.ending == ending)
            .outerjoin(contacts, contacts.c.contact_id == text.c.contact_id)
        )
        for recipient, contact, written, country in connection.execute(asked):
            theirs = country if country and len(country) == 2 else country_of(recipient)
            if not is_number(str(written)):
                continue
            asked_for = numbers(recipient, None) or numbers(recipient, theirs or country_called(str(written), True))
            if asked_for & numbers(str(written), theirs):
                pairs.append((recipient, contact))
    return list(dict.fromkeys(pairs))
