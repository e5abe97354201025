"""The brand: parameters/brand.yaml, and which of its brands a report is shown in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, field_validator

from reportlib import scope
from reportlib.definitions import CHANNELS
from reportlib.errors import nearest
from reportlib.explained import read_model
from reportlib.presentation.look.brand.logo import Logo, read_logo
from reportlib.suite import SUITE_VARIABLE, parameter_file

FILE = "brand.yaml"
_Percent = Annotated[StrictInt | StrictFloat, Field(gt=0, lt=100)]
_Line = Annotated[StrictStr, Field(min_length=1, max_length=200, pattern=r"^[^\n\r]*$")]


class _Lines(BaseModel):
    """Goals in percent."""

    model_config = ConfigDict(extra="forbid")

    delivered: _Percent | None = None
    failed: _Percent | None = None
    clicked: _Percent | None = None


class _Goals(_Lines):
    """Goals of all channels, and of some of their own."""

    channels: dict[StrictStr, _Lines] = {}

    @field_validator("channels")
    @classmethod
    def _known(cls, channels):
        for name in channels:
            if name not in CHANNELS:
                raise ValueError(f"there is no channel {name!r}{nearest(name, CHANNELS)}: {', '.join(CHANNELS)}")
        return channels


class _Told(BaseModel):
    """What the file says of all accounts, or of one."""

    model_config = ConfigDict(extra="forbid")

    name: _Line | None = None
    logo: StrictStr | None = None
    accent: StrictStr | None = None
    contact: _Line | None = None
    locale: StrictStr | None = None
    goals: _Goals = _Goals()

    @field_validator("accent")
    @classmethod
    def _colour(cls, accent):
        digits = (accent or "").removeprefix("#")
        if accent is not None and (
            len(digits) != 6 or not accent.startswith("#") or set(digits.lower()) - set("0123456789abcdef")
        ):
            raise ValueError(f'should be a colour in quotes, "#" and six digits of 0-9 and a-f, not {accent!r}')
        return accent and accent.lower()

    @field_validator("locale")
    @classmethod
    def _locale(cls, locale):
        if locale is None:
            return None
        from reportlib.presentation.look.brand import local  # Babel, where it is needed

        return local.known(locale)


class _File(_Told):
    """The whole file."""

    accounts: dict[StrictStr, _Told] = {}


@dataclass(frozen=True)
class Goals:
    """Where good ends, as fractions: delivered and failed of the audience, clicked of its base; None where there is no
    such line."""

    delivered: float = 0.95  # the platform's own thresholds
    failed: float = 0.05
    clicked: float | None = None


@dataclass(frozen=True)
class Brand:
    """How one account's reports are shown; without anything said, as this package shows them."""

    name: str = ""
    logo: Logo | None = None
    accent: str | None = None
    contact: str = ""
    locale: str | None = None
    told: tuple[_Goals, ...] = ()  # the narrower first

    def goals(self, channels: str = "") -> Goals:
        """The goals of what went out on these channels, "email" or "email+sms": on one channel its own, where it has
        some; several together are held against those of all channels."""
        lines = [line for told in self.told for line in (told.channels.get(channels), told) if line]
        usual = Goals()
        found = {name: next(filter(None, (getattr(line, name) for line in lines)), None) for name in vars(usual)}
        return Goals(**{name: getattr(usual, name) if said is None else said / 100 for name, said in found.items()})


_shown: ContextVar[Brand | None] = ContextVar("brand", default=None)
_found: tuple[tuple | None, Brand] = (None, Brand())  # of the last question, as long as nothing else is asked


def brand() -> Brand:
    """The brand of what is being shown: of the account whose campaigns were asked about last, else that of all."""
    global _found
    if shown := _shown.get():
        return shown
    asked = (scope.latest(), os.environ.get(SUITE_VARIABLE), os.getcwd())  # noqa: PTH109  a tenth of Path.cwd's time
    if asked != _found[0]:
        _found = (asked, brand_of(asked[0].account_id))
    return _found[1]


@contextmanager
def shown_in(one: Brand) -> Iterator[None]:
    """Show in this brand whatever is shown meanwhile."""
    token = _shown.set(one)
    try:
        yield
    finally:
        _shown.reset(token)


def brand_of(account_id: str | None) -> Brand:
    """The brand of an account, or of none, in the suite's parameters/brand.yaml; the package's own where there is no
    such file. Raises InvalidParameters, with all that is wrong with the file."""
    if (found := _told()) is None:
        return Brand()
    file, told = found
    own = told.accounts.get(account_id) if account_id is not None else None
    said = {name: getattr(own, name, None) or getattr(told, name) for name in ("name", "accent", "contact", "locale")}
    logo = (own and own.logo) or told.logo
    return Brand(
        said["name"] or "",
        read_logo(file.parent / logo) if logo else None,
        said["accent"],
        said["contact"] or "",
        said["locale"],
        tuple(one.goals for one in (own, told) if one),
    )


def branded_accounts() -> list[str]:
    """The accounts that have a brand of their own. Raises InvalidParameters."""
    found = _told()
    return list(found[1].accounts) if found else []


def brand_files() -> list[Path]:
    """The file of brands and its logos: what a report's look is made from."""
    if (found := _told()) is None:
        return []
    file, told = found
    return [file, *(file.parent / one.logo for one in (told, *told.accounts.values()) if one.logo)]


def _told() -> tuple[Path, _File] | None:
    """The suite's file of brands, and what it says; None where there is none."""
    if (file := parameter_file(FILE)) is None:
        return None
    state = file.stat()
    return file, _read(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(file: Path, _changed, _size) -> _File:
    return read_model(file, _File, lambda told: _wrong_logos(file, told))


def _wrong_logos(file, told):
    for place, one in (("logo", told), *((f"accounts.{name}.logo", own) for name, own in told.accounts.items())):
        try:
            if one.logo:
                read_logo(file.parent / one.logo)
        except ValueError as error:
            yield place, str(error)
