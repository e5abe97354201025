"""The providers whose callbacks can be imported, one module each.

A module has two functions, and no state:

- `pieces(payload)`: what one payload (a decoded JSON value, or a form as a dict) holds, as a list of payloads that hold
  one thing each. Each of them can be given to `pieces` again.
- `callbacks(piece)`: that one thing as `Callback`s, at least one. Raises `Unusable` with the reason where none can be
  made: an unknown type, nothing about a message, a time without a zone.

A payload may be anything: neither function may raise anything else than Unusable, KeyError, TypeError, ValueError or
AttributeError, all of which end in the table rejected_events.
"""

from reportlib.warehouse.callbacks.providers import mailgun, postmark, sendgrid, ses, twilio, vonage, whatsapp

PROVIDERS = {
    module.__name__.rpartition(".")[2]: module
    for module in (whatsapp, twilio, sendgrid, ses, mailgun, postmark, vonage)
}
