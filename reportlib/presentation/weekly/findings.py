"""A week in sentences: how it went, whether that is usual, what late events changed."""

import pandas as pd

from reportlib.metrics import Rate, WeeklyFigures, definition
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.statistics.expectation import MIN_HISTORY
from reportlib.metrics.weekly.against_history import JUDGED, TOO_LITTLE, TOO_YOUNG
from reportlib.metrics.weekly.history import YOUNGEST_HOURS
from reportlib.metrics.weekly.mix import FEWEST
from reportlib.metrics.weekly.restatements import restated_totals
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding, delivered_verdict, worst
from reportlib.presentation.look.first_screen import FirstScreen, with_names_cut
from reportlib.presentation.review import caveats as review_caveats
from reportlib.presentation.review.caveats import believe
from reportlib.presentation.review.findings import verdict
from reportlib.presentation.weekly.next_week import actions
from reportlib.presentation.weekly.tables import first_cards
from reportlib.presentation.weekly.unusual import in_sentences

MOST_UNUSUAL = 2  # told on the first screen
MEANINGS = {
    "expected": "Where a campaign, or a week, like the earlier ones lies: from the spread of their rates beyond chance "
    "and the size of the new one, at a level at which a usual week has a figure called unusual 5 times in 100 (Holm). "
    "Earlier ones far outside the others are set aside.",
    "as usual": "Within that range.",
    "benchmark": "The best of many is partly luck, the more so the smaller it was: the benchmark is the best earlier "
    "rate once each is drawn towards the usual one as far as its size leaves room for luck.",
    "restated": "Changed since it was reported, because events came late.",
}


def first_screen(weekly: WeeklyFigures) -> FirstScreen:
    """The week's first screen: how it went and whether that is usual, what to do, what of it to believe."""
    if weekly.campaigns.empty:
        return FirstScreen(_quiet(weekly), actions=actions(weekly))
    believed = believe(weekly.ledger, weekly.by_channel, "completed", weekly.receipts)
    first = FirstScreen(_verdict(weekly), first_cards(weekly), actions(weekly), believed)
    return with_names_cut(first, weekly.figures["campaign_name"].astype(str).unique())


def restated(weekly: WeeklyFigures) -> list[Finding]:
    """What late events changed since the earlier review: of its week, of campaigns before that; and what is gone."""
    if weekly.earlier is None:
        text = "No earlier report to compare with."
        return [Finding("restated", "note", text)]
    since = f"since the report of week {weekly.earlier.week.number}"
    if not pd.isna(weekly.earlier.data_as_of):
        since += f" (data as of {numbers.moment(weekly.earlier.data_as_of, weekly.zone)})"
    snapshot = weekly.earlier.snapshot
    reported = snapshot["campaign_id"].astype(str).isin(weekly.earlier.campaign_ids)
    of_week, of_others = (_changed(weekly, snapshot[chosen]) for chosen in (reported, ~reported))
    text = f"Restated {since}: {of_week}." if of_week else f"Nothing was restated {since}."
    found = [Finding("restated", "note", text)]
    if of_others:
        found.append(Finding("restated", "note", f"Restated of campaigns before that week: {of_others}."))
    if len(weekly.gone):
        names = ", ".join(f"{row.campaign_name} ({row.campaign_id})" for row in weekly.gone.itertuples(index=False))
        text = f"Reported then, but no longer in the database: {names}."
        found.append(Finding("gone", "warning", text, "Their figures are in no trend and no benchmark any more."))
    return found


def _changed(weekly, before):
    """ "clicked 412 → 431 (+4.6 %)" of the campaigns of an earlier snapshot; "" where nothing changed."""
    return ", ".join(
        f"{row.figure} {numbers.count(row.before)} → {numbers.count(row.now)} ({numbers.change(row.change_pct)})"
        for row in restated_totals(weekly.snapshot, before).itertuples(index=False)
    )


def caveats(weekly: WeeklyFigures) -> list[Finding]:
    """What limits the figures of the week: each only where it applies."""
    about = pd.Series({"status": "completed", "timezone": weekly.zone})
    found = [*_not_over(weekly), *_young(weekly), *_equal_age(weekly)]
    found += [*_broken(weekly), *_lost_receipts(weekly), *_little_history(weekly), *_mix(weekly), *_totals(weekly)]
    found += review_caveats.review(
        weekly.ledger, weekly.by_channel, weekly.problems, about, weekly.measured, weekly.receipts
    )
    if len(weekly.campaigns) > 1:
        found.append(Finding("people", "note", "Somebody in two of the week's campaigns counts in both."))
    return found


def _quiet(weekly) -> Finding:
    number = weekly.week.number
    text = f"Nothing was sent in week {number}."
    if weekly.chosen.empty:
        return Finding("week", "note", f"{text} Nor did any campaign finish in the {weekly.weeks - 1} weeks before.")
    last = weekly.chosen.iloc[0]
    moment = numbers.moment(last["finished_at"], weekly.zone)
    return Finding("week", "note", f"{text} The last campaign before it, {last['label']}, finished {moment}.")


def _verdict(weekly) -> Finding:
    """How many the week reached, as bad as the worst of goal, limit and what is usual; the cause is what is unusual."""
    row = weekly.ledger.iloc[0]
    sent = numbers.plural(len(weekly.campaigns), "campaign")
    if not row["sent"]:
        people = numbers.plural(row["audience"], "person", "people")
        return Finding("delivery", "warning", f"{sent}, but nothing was sent to the {people} of the audience.")
    said, unusual = verdict(weekly.ledger, "completed", weekly.receipts), in_sentences(weekly)
    level = worst([said.level, *[one.level for one in unusual]])
    told = [one.text for one in unusual[:MOST_UNUSUAL]]
    cause = " ".join([*told, *_below_goal(weekly, told)])
    return Finding(said.topic, level, f"{sent}: {said.text[:1].lower()}{said.text[1:]}", cause)


def _below_goal(weekly, told):
    """The campaigns that missed the goal where the week has several, since the mean hides them; but those told of."""
    totals = weekly.figures[weekly.figures["channel"] == ALL_CHANNELS]
    if len(totals) < 2:
        return []
    missed, missing = [], weekly.without_receipts
    rows = weekly.figures[weekly.figures["channel"] != ALL_CHANNELS]
    used = rows.groupby("campaign_id")["channel"].agg("+".join)
    for row in totals.itertuples(index=False):
        if pd.isna(row.delivered):
            continue  # not measured
        reached = Rate(int(row.delivered), int(row.audience), "audience")
        said = any(text.startswith(f"{row.campaign_name}: {definition('delivered').label.lower()} ") for text in told)
        channels = used.get(row.campaign_id, "")
        judged_here = delivered_verdict(reached, channels)
        if not said and row.campaign_id not in missing and judged_here.level in ("bad", "warning"):
            goal = brand().goals(channels).delivered
            missed.append((reached.estimate, f"{row.campaign_name} {numbers.percent(reached.estimate, goal)}"))
    named = [name for _, name in sorted(missed)]
    return [f"Below the goal: {', '.join(named[:MOST_UNUSUAL])}."] if named else []


def _not_over(weekly):
    end = weekly.week.end(weekly.zone)
    if pd.isna(weekly.data_as_of) or weekly.data_as_of < end:
        known = numbers.moment(weekly.data_as_of, weekly.zone)
        text = f"The data end {known}, before week {weekly.week.number} does: more may come."
        yield Finding("week", "warning", text.replace(f"end {numbers.NOTHING}", "know of no message"))


def _young(weekly):
    young = weekly.verdicts.loc[weekly.verdicts["verdict"] == TOO_YOUNG, "label"].unique()
    if len(young):
        text = f"Less than {YOUNGEST_HOURS} h since the sending of {', '.join(young)} finished: listed, but not judged."
        yield Finding("young", "note", text)


def _equal_age(weekly):
    if weekly.verdicts["verdict"].isin(JUDGED).any():
        hours = int(weekly.history["compared_hours"].iloc[0])
        text = (
            f"What is judged is counted {hours} h after each campaign's sending finished, so that older campaigns have "
            "no head start; cards and tables show the figures to date."
        )
        yield Finding("age", "note", text)


def _totals(weekly):
    rows = weekly.history[weekly.history["channel"] == ALL_CHANNELS]
    names = rows.loc[~rows["by_person"], "label"].tolist()
    if names:
        text = f"Known as totals only, so counted as they stand and not at the same age: {', '.join(names)}."
        yield Finding("totals", "note", text)


def _broken(weekly):
    rows = weekly.history[(weekly.history["channel"] != ALL_CHANNELS) & (weekly.history["engagement_base"] == 0)]
    broken = rows.loc[(rows["week"] < str(weekly.week)) & (rows["audience"] > 0), "label"].unique()
    if len(broken):
        text = f"Reached nobody, so no measure of what is usual: {', '.join(broken)}."
        yield Finding("broken", "note", text)


def _lost_receipts(weekly):
    rows = weekly.history[weekly.history["receipts_missing"] & (weekly.history["week"] < str(weekly.week))]
    if len(rows):
        names = ", ".join(rows["label"].unique())
        text = f"Receipts are missing, so no measure of how many are usually delivered: {names}."
        yield Finding("receipts", "note", text)


def _little_history(weekly):
    rows = weekly.verdicts[weekly.verdicts["verdict"] == TOO_LITTLE]
    for channel, of_channel in rows.groupby("channel", sort=False):
        fewest = int(of_channel["history"].min())
        before = f"{numbers.plural(fewest, 'earlier campaign')} in {weekly.weeks} weeks"
        text = f"{CHANNEL_NAMES[channel]}: {before}; {MIN_HISTORY} are needed to say what is usual."
        yield Finding("history", "note", text)


def _mix(weekly):
    used = set(weekly.history["channel"]) - {ALL_CHANNELS}
    if len(used) > 1:
        text = (
            "Delivered and failed of whole weeks are held against what the channels a week used usually have, by how "
            "many people it wrote to on each."
        )
        whole = weekly.trends[(weekly.trends["channel"] == ALL_CHANNELS) & (weekly.trends["verdict"] == TOO_LITTLE)]
        if len(whole):
            text += f" That takes {FEWEST} earlier campaigns on each and {MIN_HISTORY} such weeks: too little is known."
        yield Finding("mix", "note", text)
