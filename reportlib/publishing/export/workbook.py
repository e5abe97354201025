"""A workbook: a sheet per table with numbers as numbers, and sheets on what they mean and where they are from."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from PIL import Image

from reportlib.code_version import code_version
from reportlib.definitions import CHANNEL_NAMES, CHANNELS, DEFINITIONS, base_word
from reportlib.errors import OutputError
from reportlib.metrics.costs.summary import priced_summary
from reportlib.metrics.failures.by_reason import failures
from reportlib.metrics.links.links import links
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.accent import tones
from reportlib.presentation.look.brand.brand import Brand, brand_of, shown_in
from reportlib.presentation.look.goals_in_words import told_goals
from reportlib.presentation.look.palette import COLOURS
from reportlib.publishing.store.files import write_whole
from reportlib.warehouse import Warehouse

SUFFIX, ABOUT = ".xlsx", "About"
LONGEST_CELL, MOST_ROWS = 32_767, 1_048_575  # what Excel takes, the head aside
_WIDEST, _LOOKED_AT = 48, 200  # characters of a column, rows that its width is taken from
_COUNT, _SHARE, _MONEY, _TIME = "#,##0", "0.00%", "#,##0.00####", "yyyy-mm-dd hh:mm:ss"
_LOGO_HEIGHT = 56  # pixels
_UNFIT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])
TABLES: dict[str, Callable[[Warehouse, list], pd.DataFrame]] = {
    "Summary": priced_summary,
    "By channel": lambda warehouse, ids: breakdown(warehouse, ids, by=("campaign_id", "channel")),
    "Failures": lambda warehouse, ids: failures(warehouse, ids, by=("campaign_id", "channel")),
    "Links": links,
}


def write_workbook(warehouse: Warehouse, campaigns, path: Path) -> int:
    """Write the tables of these campaigns to FILE.xlsx; how many sheets it has.

    A number is a number (percentages 0 to 1, shown as %), a moment is one in UTC, a text is a text also where it looks
    like a formula or a link. Raises UnknownCampaign, CampaignNotStarted, OutputError.
    """
    if path.suffix != SUFFIX:
        raise OutputError(f"{path.name} does not end in {SUFFIX}: name a file that does")
    chosen = select_campaigns(warehouse, campaigns)
    ids = chosen["campaign_id"].tolist()
    sheets = {name: table(warehouse, ids) for name, table in TABLES.items()}
    sheets = {name: frame for name, frame in sheets.items() if len(frame)}
    accounts = chosen["account_id"].unique()
    brand = brand_of(str(accounts[0]) if len(accounts) == 1 else None)
    with shown_in(brand):
        sheets |= {"Definitions": _definitions(), ABOUT: _about(warehouse, chosen, brand)}
    write_whole(path, workbook_of(sheets, brand))
    return len(sheets)


def workbook_of(sheets: dict[str, pd.DataFrame], brand: Brand | None = None) -> bytes:
    """The workbook with these frames as its sheets: heads in the accent of the brand, days as its locale has them, its
    logo beside what ABOUT says. Raises OutputError where XlsxWriter is missing."""
    brand = brand or Brand()
    try:
        import xlsxwriter
    except ImportError as error:
        raise OutputError(f"a workbook needs XlsxWriter ({error}): pip install 'reportlib[xlsx]'") from None
    content = io.BytesIO()
    inert = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(content, {"in_memory": True, **inert}) as book:
        formats = {one: book.add_format({"num_format": one}) for one in (_COUNT, _SHARE, _MONEY)}
        formats[_TIME] = book.add_format({"num_format": _moment_format(brand.locale)})
        accent = tones(brand.accent)[0] if brand.accent else None
        colours = {"bg_color": accent, "font_color": COLOURS["ground"]} if accent else {}
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", **colours})
        book.set_properties({"company": brand.name, "comments": brand.contact})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            if accent:
                sheet.set_tab_color(accent)
            _sheet(sheet, frame.head(MOST_ROWS).reset_index(drop=True), formats, head)
            if name == ABOUT and brand.logo:
                sheet.insert_image(1, len(frame.columns) + 1, "logo.png", _shown(brand.logo.png, brand.name))
    return content.getvalue()


def _moment_format(locale: str | None) -> str:
    if locale is None:
        return _TIME
    from reportlib.presentation.look.brand import local

    return f"{local.for_sheets(locale)} hh:mm:ss"


def _shown(png: bytes, name: str) -> dict:
    """How a logo is put in a sheet: as high as three rows or so, with its name for who cannot see it."""
    with Image.open(io.BytesIO(png)) as picture:
        scale = _LOGO_HEIGHT / picture.height * (picture.info.get("dpi", (96, 96))[1] / 96)
    scales = {"x_scale": scale, "y_scale": scale}
    return {"image_data": io.BytesIO(png), **scales, "description": f"Logo of {name}" if name else "Logo"}


def _sheet(sheet, frame: pd.DataFrame, formats, head):
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(frame)), max(0, len(frame.columns) - 1))
    for at, name in enumerate(frame.columns):
        values = [None if _is_missing(value) else value for value in frame[name].tolist()]
        shape, is_share = _format(name, frame[name]), "_pct" in str(name)
        sheet.write_string(0, at, str(name), head)
        for row, value in enumerate(values, 1):
            _write(sheet, row, at, _fraction(value) if is_share else value, formats.get(shape))
        shown = [len(str(value)) for value in values[:_LOOKED_AT] if value is not None]
        sheet.set_column(at, at, min(_WIDEST, max([10, min(20, len(str(name))), *shown]) + 2))


def _format(name, values) -> str | None:
    if pd.api.types.is_datetime64_any_dtype(values):
        return _TIME
    if "_pct" in str(name):
        return _SHARE
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return None
    return _COUNT if pd.api.types.is_integer_dtype(values) else _MONEY


def _write(sheet, row, at, value, shape):
    """A cell by what it is: by its text alone nothing becomes a formula, a link or a number."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, pd.Timestamp):
        moment = value.tz_convert("UTC").tz_localize(None) if value.tzinfo else value
        sheet.write_datetime(row, at, moment.to_pydatetime(), shape)
    elif _is_number(value):
        sheet.write_number(row, at, value, shape)
    else:
        sheet.write_string(row, at, str(value).translate(_UNFIT)[:LONGEST_CELL])


def _fraction(value):
    return value / 100 if _is_number(value) else value


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_missing(value) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value)) or value in (float("inf"), float("-inf"))


def _definitions() -> pd.DataFrame:
    rows = [
        {
            "metric": one.name,
            "label": one.label,
            "of": ", ".join(map(base_word, one.bases)),
            "means": one.meaning,
            "machines": one.machine,
            "channels": ", ".join(CHANNEL_NAMES[channel] for channel in CHANNELS if channel in one.channels),
            "limits": "; ".join(f"{CHANNEL_NAMES[channel]}: {limit}" for channel, limit in one.limits.items()),
        }
        for one in DEFINITIONS
    ]
    return pd.DataFrame(rows)


def _about(warehouse: Warehouse, chosen, brand: Brand) -> pd.DataFrame:
    as_of = data_as_of(warehouse)
    goals = {f"goals, {CHANNEL_NAMES[one]}" if one else "goals": said for one, said in told_goals(brand).items()}
    told = {
        **({"from": brand.name} if brand.name else {}),
        **({"contact": brand.contact} if brand.contact else {}),
        "made": numbers.utc(datetime.now(UTC).isoformat()),
        "by": f"reportlib {code_version()}",
        "database": warehouse.address,
        "data as of": "" if pd.isna(as_of) else numbers.utc(as_of.isoformat()),
        **{f"campaign {one.campaign_id}": one.name for one in chosen.itertuples()},
        **goals,
        "percentages": "of the base that the column names; an empty cell was not measured, or has no base",
        "times": "UTC",
    }
    return pd.DataFrame({"what": list(told), "is": list(told.values())})
