"""Whether the arms of an experiment are alike in what else is known of their people: the attributes of contacts.

An attribute has no date: it may be a tag that was given for a click of this very campaign. So a difference counts only
where it is found among all people and among those who did nothing with their message as well, of whom nothing of the
kind can have been noted; and not where it is a note of the arm itself.
"""

import pandas as pd
from sqlalchemy import case, func, select

from reportlib.metrics.comparison.age.equal_age import age_of
from reportlib.metrics.comparison.design.balance import FEW, chi_square_p, counted_people
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contact_attributes, events, messages

NEARLY_ALWAYS = 0.95
OTHER = "(another or none)"


def attributes_of(warehouse: Warehouse, compared: pd.DataFrame) -> pd.DataFrame:
    """The people of `covariates` by their attributes, and by whether they did anything with a message of theirs.

    Returns
    -------
    DataFrame with the columns attribute, value, campaign_id : str; silent : bool; people : int64. Values of fewer than
    FEW people, and people without one, are OTHER.
    """
    ids = compared["campaign_id"].tolist()
    person = counted_people(ids, age_of(warehouse, compared))
    did = (
        select(messages.c.contact_id)
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(messages.c.campaign_id.in_(ids))
        .distinct()
        .cte("did")
    )
    source = person.outerjoin(did, did.c.contact_id == person.c.contact_id)
    silent = case((did.c.contact_id.is_(None), 1), else_=0).label("silent")
    known = select(person.c.campaign_id, person.c.contact_id, silent).select_from(source).cte("known")
    a, count = contact_attributes.c, func.count().label("people")
    sizes = warehouse.sql(
        select(known.c.campaign_id, known.c.silent, count).group_by(*known.c["campaign_id", "silent"])
    )
    own = (
        select(a.attribute, a.value, known.c.campaign_id, known.c.silent)
        .join_from(known, contact_attributes, a.contact_id == known.c.contact_id)
        .where(a.value.is_not(None))
        .cte("own")
    )
    found = warehouse.sql(select(*own.c, count).group_by(*own.c).having(func.count() >= FEW))
    names = found["attribute"].drop_duplicates().to_frame()
    told = found.groupby(["attribute", "campaign_id", "silent"], as_index=False)["people"].sum()
    rest = names.merge(sizes, how="cross").merge(
        told, on=["attribute", "campaign_id", "silent"], how="left", suffixes=("", "_told")
    )
    rest = rest.assign(people=rest["people"] - rest["people_told"].fillna(0), value=OTHER)
    frame = pd.concat([found, rest], ignore_index=True)
    columns = ["attribute", "value", "campaign_id", "silent", "people"]
    return frame.loc[frame["people"] > 0, columns].astype({"silent": "bool", "people": "int64"})


def attribute_p_values(known: pd.DataFrame, compared: pd.DataFrame) -> dict[str, float]:
    """Per attribute the greater p value of two χ² tests that the arms are alike in it, of all and of the silent.

    Without those of which nothing can be told, and notes of which campaign of `compared` a person had.
    """
    names = {str(name).casefold() for name in compared[["campaign_id", "name", "variant"]].to_numpy().ravel()}
    found = {}
    for name, rows in known.groupby("attribute"):
        p_values = [p for some in (rows, rows[rows["silent"]]) if (p := chi_square_p(some)) is not None]
        if len(p_values) == 2 and not (_tells_the_arm(rows) and _named(rows, names)):
            found[str(name)] = max(p_values)
    return found


def _tells_the_arm(rows):
    """Whether one who knows the value nearly always knows the arm."""
    by_value = rows.pivot_table(index="value", columns="campaign_id", values="people", aggfunc="sum", fill_value=0)
    return by_value.max(axis=1).sum() >= NEARLY_ALWAYS * by_value.to_numpy().sum()


def _named(rows, names):
    """Whether a value is the name of an arm, or has that of a campaign in it."""
    values = {str(value).casefold() for value in rows["value"]}
    texts = {f"{attribute} {value}".casefold() for attribute, value in rows[["attribute", "value"]].to_numpy()}
    return bool(values & names) or any(len(name) > 2 and name in text for name in names for text in texts)
