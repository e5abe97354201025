"""The pictures of an audience: the list week by week, attention by channel, how long people stay."""

import altair as alt
import pandas as pd

from reportlib.metrics.audience.within_person import HIGHER, LOWER
from reportlib.presentation.audience.summed import ALL, NOW, in_order, odds, states
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.palette import GROUND, HEAT, MUTED, PERMANENCE, STATUS, WIDE
from reportlib.presentation.look.totals import known_as_totals

NAMES = {ALL: "All channels", **CHANNEL_NAMES}
CHANGES = {
    "new": ("joined", STATUS["delivered"]),
    "opted_out": ("opted out", STATUS["pending"]),
    "complained": ("complained", STATUS["failed"]),
    "failed": ("permanently failed", PERMANENCE["permanent"]),
}
SHADES = (HEAT[5], HEAT[4], HEAT[3], HEAT[2], HEAT[1], STATUS["pending"], STATUS["sent"], STATUS["not sent"])
LEVELS = {0: "none", 1: "one", 2: "two", 3: "three and more"}  # messages before
SHORT_LEVELS = {1: "1", 2: "2", 3: "3+"}
ODDS = (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 10)  # that an axis has
QUARTERS = (0, 0.25, 0.5, 0.75, 1)
NOBODY = "Nobody was written to yet, so there is no list."


def growth(people: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """Who joined and who was lost each week, over all channels: joined above the line, lost below it by reason."""
    rows = people[people["channel"] == ALL]
    if rows.empty:
        return sentence_only(known_as_totals(people) or NOBODY)
    long = [
        {"week": row["week"], "what": word, "people": row[name] if name == "new" else -row[name],
         "said": f"{row['week']}: {numbers.count(row[name])} {word}"}
        for row in rows.to_dict("records")
        for name, (word, _) in CHANGES.items()
    ]  # fmt: skip
    colours = alt.Scale(domain=[word for word, _ in CHANGES.values()], range=[one for _, one in CHANGES.values()])
    weeks = rows["week"].tolist()
    shown = weeks[:: max(1, -(-len(weeks) // 12))]
    chart = (
        alt.Chart(pd.DataFrame(long), width=WIDE, height=200)
        .mark_bar()
        .encode(
            x=alt.X(
                "week:O",
                title=None,
                sort=weeks,
                axis=alt.Axis(values=shown, labelAngle=0, labelOverlap=True, labelExpr="slice(datum.label, 5)"),
            ),
            y=alt.Y("people:Q", title="people", axis=alt.Axis(tickCount=5, labelExpr="format(abs(datum.value), ',d')")),
            color=alt.Color("what:N", title=None, scale=colours),
            tooltip=[alt.Tooltip("said:N", title="week")],
            description=alt.Description("said:N"),
        )
    )
    heads = ["Week", "Before", "Joined", "Opted out", "Complained", "Permanently failed", "Reachable"]
    columns = ["before", "new", "opted_out", "complained", "failed", "reachable"]
    cells = [[row["week"], *[numbers.count(row[name]) for name in columns]] for row in rows.to_dict("records")]
    last = rows.iloc[-1]
    told = (
        f"The list week by week. At the end of {last['week']} {numbers.count(last['reachable'])} people can be reached."
    )
    caption = (
        "Above the line who joined: was created in the week or, where that is not known, first written to. Below it "
        "who was lost on every channel, by the reason that came first."
    )
    return described(chart, told, caption, heads, cells)


def attention(frame: pd.DataFrame) -> alt.Chart:
    """When those who can be reached last reacted, per channel, in percent of them."""
    table = states(frame)
    if table.empty:
        return sentence_only(known_as_totals(frame) or NOBODY)
    channels = in_order(table.index)
    rows, cells = [], []
    for channel in channels:
        whole = int(table.loc[channel].sum())
        start = 0.0
        for place, name in enumerate(NOW):
            count = int(table.loc[channel, name])
            share = count / whole if whole else 0.0
            said = (
                f"{NAMES[channel]}, {name}: {numbers.count(count)}, {numbers.percent(share)} of {numbers.count(whole)}"
            )
            rows.append({"channel": NAMES[channel], "state": name, "place": place, "start": start,
                         "end": start + share, "said": said})  # fmt: skip
            start += share
        cells.append([NAMES[channel], *[numbers.count(table.loc[channel, name]) for name in NOW]])
    chart = (
        alt.Chart(pd.DataFrame(rows), width=WIDE, height=alt.Step(34))
        .mark_bar()
        .encode(
            x=alt.X("start:Q", title="of the people who can be reached", axis=alt.Axis(format="~%", values=QUARTERS)),
            x2="end:Q",
            y=alt.Y("channel:N", title=None, sort=[NAMES[one] for one in channels]),
            color=alt.Color("state:N", title=None, scale=alt.Scale(domain=list(NOW), range=list(SHADES))),
            tooltip=[alt.Tooltip("said:N", title="last reaction")],
            description=alt.Description("said:N"),
        )
    )  # fmt: skip
    caption = (
        "The last click, open or reply of a person within so many days; machines' do not count. Not measurable: nobody "
        "would have told of one; machines only: none but machines' are known. Neither is judged."
    )
    told = "Attention by channel. " + "; ".join(str(row["said"]) for row in rows[: len(NOW)])
    return described(chart, told, caption, ["Channel", *NOW], cells)


def stay(frame: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """The share of people still on the list by the weeks since they were first written to, with its interval."""
    rows = frame[(frame["channel"] == ALL) & (frame["at_risk"] > 0)]
    if rows.empty:
        return sentence_only(known_as_totals(frame) or NOBODY)
    drawn = rows.assign(
        low=rows["low"].fillna(rows["staying"]),
        high=rows["high"].fillna(rows["staying"]),
        said=[
            f"After {row.weeks} weeks {numbers.percent(row.staying)} stay ({numbers.interval(row.low, row.high)}); "
            f"{numbers.count(row.at_risk)} were followed for so long"
            for row in rows.itertuples()
        ],
    )
    longest = max(1, int(rows["weeks"].max()))
    x = alt.X(
        "weeks:Q",
        title="weeks since the first message",
        scale=alt.Scale(domain=[0, longest]),
        axis=alt.Axis(values=[*range(0, longest + 1, -(-longest // 10))], format="d"),
    )
    lowest = float(drawn["low"].min())
    scale = alt.Scale(domain=[max(0.0, lowest - 0.1 * (1 - lowest)), 1.0], nice=False, zero=False)
    base = alt.Chart(drawn, width=WIDE, height=180)
    y = alt.Y("staying:Q", title="still on the list", scale=scale, axis=alt.Axis(format=".1~%", tickCount=5))
    band = base.mark_area(color=HEAT[1], opacity=0.5, interpolate="step-after", aria=False).encode(
        x=x, y=alt.Y("low:Q", title="still on the list", scale=scale), y2="high:Q"
    )
    line = base.mark_line(color=STATUS["delivered"], interpolate="step-after", aria=False).encode(x=x, y=y)
    dots = base.mark_circle(color=MUTED, opacity=1, size=26).encode(
        x=x,
        y=y,
        tooltip=[alt.Tooltip("said:N", title="stay")],
        description=alt.Description("said:N"),
    )
    cells = [
        [str(row.weeks), numbers.count(row.at_risk), numbers.count(row.lost), numbers.percent(row.staying),
         numbers.interval(row.low, row.high)]
        for row in rows.itertuples()
    ]  # fmt: skip
    caption = (
        "Kaplan and Meier's estimate with its 95 % interval: people who can still be reached count for as long as they "
        "were followed. The axis does not begin at zero."
    )
    return described(
        alt.layer(band, line, dots),
        f"How long people stay on the list. {drawn['said'].iloc[-1]}.",
        caption,
        ["Weeks", "Followed", "Lost", "Staying", "95 % interval"],
        cells,
    )


def pressure(frame: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """The odds of a click by how many messages the same person had in the seven days before, against none before."""
    rows = frame[frame["odds_ratio"].notna() & (frame["window"] == "days 1 to 7")]
    if rows.empty:
        return sentence_only("Too few people clicked some messages and not others to tell what more of them do.")
    drawn = pd.DataFrame(
        {
            "name": [f"{NAMES[row.channel]}, {SHORT_LEVELS[row.before]}" for row in rows.itertuples()],
            "estimate": rows["odds_ratio"].to_numpy(),
            "low": rows["low"].to_numpy(),
            "high": rows["high"].to_numpy(),
            "one": 1.0,
            "different": rows["verdict"].isin([LOWER, HIGHER]).to_numpy(),
            "said": [
                "{}, {} before: odds × {} ({}), {}".format(
                    NAMES[row.channel], LEVELS[row.before], *odds(row), row.verdict
                )
                for row in rows.itertuples()
            ],
        }
    )
    domain = [min(0.5, drawn["low"].min()), max(2.0, drawn["high"].max())]
    low, high = max(domain[0], 0.05), min(domain[1], 20)
    scale = alt.Scale(type="log", domain=[low, high], nice=False, clamp=True)
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=260))
    ticks = alt.Axis(values=[odds for odds in ODDS if low <= odds <= high], format="~f")
    x = alt.X("estimate:Q", title="odds of a click, times", scale=scale, axis=ticks)
    base = alt.Chart(drawn, width=WIDE, height=alt.Step(26))
    line = base.mark_rule(color=MUTED, strokeDash=[4, 3], aria=False).encode(x=alt.X("one:Q", scale=scale, title=None))
    whisker = base.mark_rule(color=MUTED, strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", scale=scale, title=None), x2="high:Q", y=y
    )
    dot = base.mark_circle(size=90, opacity=1, stroke=STATUS["delivered"], strokeWidth=2).encode(
        x=x,
        y=y,
        color=alt.ColorValue(GROUND, condition={"test": "datum.different", "value": STATUS["delivered"]}),
        tooltip=[alt.Tooltip("said:N", title="pressure")],
        description=alt.Description("said:N"),
    )
    cells = [[name, *odds(row), row.verdict] for name, row in zip(drawn["name"], rows.itertuples(), strict=True)]
    caption = (
        "Within the same person and channel, against their messages that had none in the seven days before, of "
        "whatever channel; 1, 2, 3+: so many before; with 95 % intervals. Filled: told apart from 1, all levels of "
        "the channel together."
    )
    heads = ["Messages before", "Odds, times", "95 % interval", "Verdict"]
    told = f"Clicks by how many messages came before. {'; '.join(drawn['said'])}."
    return described(alt.layer(line, whisker, dot), told, caption, heads, cells)
