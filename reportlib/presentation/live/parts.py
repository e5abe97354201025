"""What a monitor shows of a campaign, part by part: the same in a notebook that refreshes itself and in a report."""

from html import escape

import pandas as pd

from reportlib.metrics import Rate
from reportlib.metrics.live.latency import seconds_for
from reportlib.metrics.live.watch import LiveFigures
from reportlib.metrics.people.rates import SETTLED
from reportlib.presentation.live import chart as live_chart, findings
from reportlib.presentation.look import cards, numbers, table
from reportlib.presentation.look.cards import NO_FAILURE_YET, NO_RECEIPT_YET, Card
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import CHANNEL_NAMES, Verdict, delivered_verdict, failed_verdict
from reportlib.presentation.look.folds import folded

MOST_CODES, FIRST_CODES = 10, 3  # all that are listed, and those not folded
PARTS = ("head", "alarms", "figures", "chart", "channels", "failures")


def zone_of(figures: LiveFigures, timezone: str | None) -> str:
    """The zone that times are shown in: the one asked for, or the account's."""
    return timezone or str(figures.about["timezone"])


def parts(figures: LiveFigures, zone: str) -> dict[str, Display]:
    """All that is shown of a look, by PARTS."""
    return {
        "head": head(figures, zone),
        "alarms": alarms(figures, zone),
        "figures": shown_figures(figures, zone),
        "chart": chart(figures, zone),
        "channels": channels(figures),
        "failures": failures(figures, zone),
    }


def head(figures: LiveFigures, zone: str) -> Display:
    """The campaign's name, what it is doing, and how old the data are."""
    about, late = figures.about, lateness(figures, zone)
    status = findings.status_words(figures)
    as_of = f"As of {findings.clock(figures.looked_ms, zone)} ({zone}); {late}."
    html = (
        f'<p class="kicker">{name_html(about["account"])}</p><h2>{name_html(about["name"])} '
        f'<span class="tag {about["status"]}">{escape(status)}</span></h2><p class="asof">{escape(as_of)}</p>'
    )
    return Display(html, f"{about['name']} ({status}), {about['account']}\n{as_of}")


def lateness(figures: LiveFigures, zone: str) -> str:
    """How old the newest thing is that any provider told."""
    if pd.isna(figures.newest):
        return "no provider has told anything yet"
    newest_ms = int(figures.newest.timestamp() * 1000)
    age = findings.seconds((figures.looked_ms - newest_ms) / 1000)
    moment = findings.clock(newest_ms, zone, figures.looked_ms)
    return f"the newest message event is of {moment}, {age} ago"


def alarms(figures: LiveFigures, zone: str) -> Display:
    """The alarms, or that there is none; and that the campaign is over."""
    found = findings.alarms(figures, zone)
    standing = findings.standing(figures)
    if not found and not standing:
        judged = "" if figures.usual is not None else " Failure codes are judged once the earlier campaigns are read."
        said = f"No alarm.{judged}"
        return Display(f'<p class="empty">✓ {said}</p>', said)
    return table.notes([*([standing] if standing else []), *found])


def first_cards(figures: LiveFigures, zone: str) -> list[Card]:
    """The cards of a first screen: reached and failed so far, when all is handed over, how long a delivery takes."""
    row = figures.ledger.iloc[0]
    delivered = Rate(int(row["delivered"]), int(row["audience"]), "audience")
    reached = Card("Reached so far", numbers.NOTHING, numbers.UNMEASURED, cards.unmeasured_since(row))
    if row["delivery_measured"]:
        waiting = f"{numbers.count(row['pending'])} pending"
        judged = delivered_verdict(delivered, row["channels"]) if figures.completed else None
        share = cards.share(row["delivered"], row["audience"], f"{numbers.count(row['audience'])}")
        reached = Card("Reached so far", numbers.count(row["delivered"]), share, waiting, judged)
    found = [reached, _failed(figures, row)]
    if not figures.completed:
        count, left, range_ = findings.finish(figures, zone)
        found.append(Card("All handed over by", count, left, range_))
    return [*found, _delivery_time(figures, zone)]


def _failed(figures, row):
    """Failed of what has an outcome, against the limit; and whether a code of it is unusual for the account."""
    settled = Rate(int(row["failed"]), int(row["delivered"] + row["failed"]), "settled")
    if not (row["delivery_measured"] and row["failed_measured"]):
        return Card("Failed, of settled", numbers.NOTHING, numbers.UNMEASURED)
    of = f"of {numbers.count(settled.base)} with an outcome"
    verdict = failed_verdict(settled, row["channels"])
    return Card("Failed, of settled", numbers.percent(settled.estimate), of, "", verdict, _unusual(figures))


def _unusual(figures) -> Verdict:
    """Whether a failure code is unusual for the account, as far as its earlier campaigns can tell."""
    if strange := sum(alarm.kind == "failure code" for alarm in figures.alarms):
        return Verdict("bad", f"{numbers.plural(strange, 'code')} unusual for you")
    known = [_at_most(figures.usual, row) is not None for row in figures.failures.itertuples(index=False)]
    if not known:
        return Verdict("note", "nothing has failed")
    if not any(known):
        return Verdict("note", "usual: not known yet")
    of = "no code" if all(known) else f"none of {sum(known)} codes known, of {len(known)},"
    return Verdict("note", f"{of} is unusual for you")


def shown_figures(figures: LiveFigures, zone: str, is_first: bool = True) -> Display:
    """The delivery cards; beside them pace, expected end and delivery time, but where a first screen has these."""
    ledger, status = figures.ledger, figures.about["status"]
    row = ledger.iloc[0]
    base = f"Audience: {numbers.plural(row['audience'], 'message')}, one for each attempt to reach somebody."
    declared = row["audience_declared"]
    if not pd.isna(declared) and declared != row["audience"]:
        base += f" The campaign declared {numbers.plural(declared, 'person', 'people')}."
    return table.shown_cards(cards.delivery(ledger, status), base, _further(figures, zone) if is_first else ())


def _further(figures, zone):
    row, pace = figures.ledger.iloc[0], figures.pace
    settled = Rate(int(row["failed"]), int(row["delivered"] + row["failed"]), "settled")
    within = f"95\u202f% interval {numbers.interval(settled.low, settled.high)}"
    of = f"of {numbers.count(settled.base)} with an outcome"
    failed = Card("Failed, of settled", numbers.percent(settled.estimate), of, within)
    if not (row["delivery_measured"] and row["failed_measured"]):
        missing = NO_FAILURE_YET if row["delivery_measured"] else NO_RECEIPT_YET
        failed = Card("Failed, of settled", numbers.NOTHING, numbers.UNMEASURED, missing)
    found = [failed]
    if figures.completed:
        return found
    per_minute = {name: numbers.count(round(rate)) for name, rate in pace.per_minute.items()}
    last = f"in the last {findings.seconds(pace.seconds)}"
    throughput = f"delivered {per_minute['delivered']}, failed {per_minute['failed']}"
    found.append(Card("Handed over, per minute", per_minute["sent"], throughput, last))
    found.append(Card("All handed over by", *findings.finish(figures, zone)))
    found.append(_delivery_time(figures, zone))
    return found


def _delivery_time(figures, zone):
    half, most = (seconds_for(figures.latency, share) for share in (0.5, 0.9))
    timed = int(figures.latency["delivered"].sum())
    waits = "nothing is pending"
    if not pd.isna(figures.oldest_pending):
        age = (figures.looked_ms - int(figures.oldest_pending.timestamp() * 1000)) / 1000
        waits = f"the oldest pending waits {findings.seconds(age)}"
    if half is None:
        return Card("Delivery takes", numbers.NOTHING, "nothing is delivered yet", waits)
    share = f"half of {numbers.count(timed)} delivered; nine in ten ≤ {findings.seconds(most)}"
    return Card("Delivery takes", f"≤ {findings.seconds(half)}", share, waits)


def chart(figures: LiveFigures, zone: str) -> Display:
    """The delivery timeline."""
    row = figures.ledger.iloc[0]
    measured = [state for state, flags in SETTLED.items() if all(row[flag] for flag in flags)]
    html = live_chart.delivery_over_time(figures.timeline, figures.looked_ms, zone, figures.completed, measured)
    nothing = "Nothing has been handed over yet."
    text = nothing if figures.timeline.empty else live_chart.told(figures.timeline, measured)
    return Display(html, text)


def channels(figures: LiveFigures) -> Display:
    """The ledger of each channel, its rates of what is settled."""
    told = figures.told.groupby("channel")[["delivered", "failed"]].min()
    rows = [
        [
            CHANNEL_NAMES[row.channel],
            f"{numbers.count(row.sent)} <small>{cards.share(row.sent, row.audience, 'audience')}</small>",
            *_of_settled(row, *told.loc[row.channel]),
        ]
        for row in figures.channels.itertuples(index=False)
    ]
    heads = ["Channel", "Handed over", "Delivered, of settled", "Failed, of settled", "Pending"]
    return table.table("By channel, in messages; settled are those with an outcome", heads, rows)


def _of_settled(row, receipts, failures):
    """The cells of the delivered, the failed and the pending; without receipts nobody knows how many are settled."""
    of_sent = {
        name: f"{numbers.count(people)} <small>{cards.share(people, row.sent, 'sent')}</small>"
        for name, people in (("failed", row.failed), ("pending", row.pending), ("delivered", row.delivered))
    }
    if receipts and failures:
        rates = (Rate(count, row.delivered + row.failed, "settled") for count in (row.delivered, row.failed))
        return [*map(table.rate_cell, rates), of_sent["pending"]]
    known = {"delivered": receipts, "failed": failures, "pending": False}
    return [of_sent[name] if is_known else table.UNMEASURED for name, is_known in known.items()]


def failures(figures: LiveFigures, zone: str) -> Display:
    """What failed, beside what the account's earlier campaigns had at most."""
    if figures.failures.empty:
        said = "Nothing has failed." if figures.ledger["failed_measured"].iloc[0] else f"{NO_FAILURE_YET.capitalize()}."
        return Display(f'<p class="empty">{said}</p>', said)
    rows = [
        [
            f"{escape(row.title)}<small>{_code(row)}</small>",
            f'<span class="tag {row.permanence}">{row.permanence}</span>',
            CHANNEL_NAMES[row.channel],
            table.rate_cell(Rate(row.failed, row.settled, "settled")),
            _before(figures.usual, row),
            _first(row, zone, figures.looked_ms),
        ]
        for row in figures.failures.head(MOST_CODES).itertuples(index=False)
    ]
    rest = figures.failures.iloc[MOST_CODES:]
    if len(rest):
        rows.append([numbers.plural(len(rest), "other code"), "", "", numbers.count(rest["failed"].sum()), "", ""])
    heads = ["What failed", "Send again?", "Channel", "Failed, of settled", "Usual, at most", "First at"]
    caption = "Failures by code, of the channel's messages with an outcome"
    told = table.table(caption, heads, rows[:FIRST_CODES], texts=(1, 2))
    if len(rows) <= FIRST_CODES:
        return told
    others = table.table("The others", heads, rows[FIRST_CODES:], texts=(1, 2))
    words = numbers.plural(len(figures.failures) - FIRST_CODES, "other code")
    return Display(told.html + folded(words, others.html, is_printed=True), f"{told.text}\n{others.text}")


def _code(row):
    code = "no code" if pd.isna(row.code) else f"code {name_html(row.code)}"
    return f"{name_html(row.provider)}, {code}"


def _at_most(known, row):
    return None if known is None else known.at_most(row.channel, row.provider, row.code)


def _before(known, row):
    usual = _at_most(known, row)
    if usual is None:
        return '<span class="unmeasured">not known</span>'
    return f"{numbers.percent(usual.failed / usual.settled)} <small>of {numbers.count(usual.settled)}</small>"


def _first(row, zone, now_ms):
    if pd.isna(row.first_failed):
        return numbers.NOTHING
    return findings.clock(int(row.first_failed.timestamp() * 1000), zone, now_ms)
