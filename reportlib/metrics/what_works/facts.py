"""What is known of campaigns before anybody responded: when, to whom, from whom, with which template, saying what."""

import re
import unicodedata

import pandas as pd
from sqlalchemy import select

from reportlib.metrics.comparison.design.comparability import WEEKDAYS
from reportlib.metrics.comparison.design.design import campaign_facts
from reportlib.metrics.comparison.factors import PLANNED_SHARE
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import segments

QUESTION, DECISION = "question", "decision"  # attributes of an experiment's campaigns: what was asked, what came of it
NO_FACTS = (PLANNED_SHARE, QUESTION, DECISION)
WORD, TAG = "word in the subject", "tag"
LENGTHS = ((30, "up to 30 characters"), (50, "31 to 50 characters"))
LONGER = "over 50 characters"
HOURS = ((6, "before 6 h"), (9, "6 to 9 h"), (12, "9 to 12 h"), (15, "12 to 15 h"), (18, "15 to 18 h"))
LATER = "after 18 h"
SHORTEST_WORD = 4  # letters; shorter ones mean little
EVERYBODY = "no segment"


def facts(warehouse: Warehouse, chosen: pd.DataFrame, zone: str) -> pd.DataFrame:
    """What is known of the campaigns of `campaigns_by_week`, one row per fact: campaign_id, fact, value : str.

    Weekday and hour are those of the start on the account's clock; the audience is the segment; of
    `campaign_attributes` a subject tells its length, its words, whether it asks, counts and has a picture; tags are
    divided at commas; all others are facts as they stand.
    """
    ids = chosen["campaign_id"].tolist()
    names = warehouse.sql(select(segments.c.segment_id, segments.c.name)).set_index("segment_id")["name"]
    found = []
    for row in chosen.itertuples(index=False):
        start = row.started_at if pd.notna(row.started_at) else row.scheduled_at
        if pd.notna(start):
            local = start.tz_convert(zone)
            found += [(row.campaign_id, "weekday", WEEKDAYS[local.weekday()])]
            found += [(row.campaign_id, "hour", _step(local.hour, HOURS, LATER))]
        audience = EVERYBODY if pd.isna(row.segment_id) else str(names.get(row.segment_id, row.segment_id))
        found.append((row.campaign_id, "audience", audience))
        if pd.notna(row.template_id):
            found.append((row.campaign_id, "template", str(row.template_id)))
    for row in campaign_facts(warehouse, ids).itertuples(index=False):
        name, value = str(row.attribute).strip(), str(row.value).strip()
        if name.casefold() in NO_FACTS or not value:
            continue
        found += [(row.campaign_id, fact, told) for fact, told in _told(name, value)]
    frame = pd.DataFrame(found, columns=["campaign_id", "fact", "value"])
    frame = frame.astype({"fact": "str", "value": "str"}).drop_duplicates()
    return frame.sort_values(["fact", "value", "campaign_id"], ignore_index=True)


def _told(name, value):
    if name.casefold() == "subject":
        yield "length of the subject", _step(len(value) - 1, LENGTHS, LONGER)
        yield "question in the subject", _yes("?" in value or "？" in value)
        yield "number in the subject", _yes(any(letter.isdigit() for letter in value))
        yield "picture in the subject", _yes(any(unicodedata.category(letter) == "So" for letter in value))
        yield from ((WORD, word) for word in words(value))
    elif name.casefold() in ("tag", "tags"):
        yield from ((TAG, tag) for tag in map(str.strip, re.split("[,;|]", value)) if tag)
    else:
        yield name, value


def words(text: str) -> set[str]:
    """The words of a text that may mean something, as they are told apart: without case, and none that is short."""
    return {word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) >= SHORTEST_WORD}


def _step(number, steps, beyond):
    return next((name for limit, name in steps if number < limit), beyond)


def _yes(holds):
    return "yes" if holds else "no"
