"""The providers whose callbacks can be imported, one module each: to add one is to add its module and a test of it.

A module has four things, and no state:

- `READS`: what of the provider is read, in a few words, for the documentation.
- `ALIASES`: other names that messages.provider may have for it; a name that is a module's own stays that module's too.
- `pieces(payload)`: what one payload (a decoded JSON value, or a form as a dict) holds, as a list of payloads that hold
  one thing each. Each of them can be given to `pieces` again.
- `callbacks(piece)`: that one thing as `Callback`s, at least one. Raises `Unusable` with the reason where none can be
  made: an unknown type, nothing about a message, a time without a zone. One that names neither a message nor a person
  is refused behind it (`model.named`).

It may have `ID_ENDS_AT`: a sign from which on the id that sending returns says no more of the message.

A package of its own adds one by an entry point of the group `reportlib.providers` that names such a module.

A payload may be anything: neither function may raise anything else than Unusable, KeyError, TypeError, ValueError or
AttributeError, all of which end in the table rejected_events.
"""

from importlib import import_module
from pkgutil import iter_modules

from reportlib import extensions

NEEDED = ("READS", "ALIASES", "pieces", "callbacks")


def _lacks(module) -> str | None:
    return next((f"it has no {name}" for name in NEEDED if not hasattr(module, name)), None)


PROVIDERS = {found.name: import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)}
PROVIDERS |= extensions.added(extensions.PROVIDERS, PROVIDERS, _lacks)


def provider_called(name: str) -> str | None:
    """The provider of this name, or that has it as an alias; None where there is none."""
    called = name.lower()
    if called in PROVIDERS:
        return called
    return next((provider for provider, module in PROVIDERS.items() if called in module.ALIASES), None)


def names_of(provider: str) -> tuple[str, ...]:
    """What messages.provider may call it."""
    return provider, *PROVIDERS[provider].ALIASES
