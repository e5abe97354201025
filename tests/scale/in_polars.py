"""The same figures by polars, lazily from a folder of Parquet files: what is not needed is not read."""

from datetime import timedelta
from pathlib import Path

import polars as pl
from polars import col
from sqlalchemy.engine import make_url

from tests.scale.ours import DIMENSIONS, OPENED, WINDOW_HOURS

HANDED = pl.coalesce("sent_at", "queued_at")
SUMS = ("opens", "human_opens", "clicks", "replies")
HALF_HOUR = "30m"


class Folder:
    """The tables of a folder, of one campaign or all; events that count, and what they say of each message."""

    def __init__(self, address: str, campaign: str | None):
        self.path = Path(make_url(address).database)
        ours = col("campaign_id") == campaign if campaign else True
        self.messages = self.table("messages").filter(ours)
        sent = self.messages.select("message_id", "contact_id", "channel", "status", HANDED.alias("handed"))
        human = col("is_machine").is_null() | ~col("is_machine")
        self.events = (
            self.table("events")
            .filter(ours)
            .join(sent, on="message_id")
            .filter(
                (col("status") != "failed")
                & ((col("kind") != "opened") | (col("channel") != "sms"))
                & (col("handed").is_null() | (col("occurred_at") >= col("handed") - timedelta(minutes=1)))
                & (col("occurred_at") <= OPENED.replace(tzinfo=None) + timedelta(days=1))
            )
            .with_columns(human.alias("human"))
        )
        did = {kind: col("kind") == kind for kind in ("opened", "clicked", "replied", "unsubscribed", "complained")}
        people = {kind: condition & col("human") for kind, condition in did.items()}
        engaged = did["opened"] | did["clicked"] | did["replied"]
        self.reacted = self.events.group_by("message_id").agg(
            did["opened"].sum().alias("opens"),
            people["opened"].sum().alias("human_opens"),
            people["clicked"].sum().alias("clicks"),
            people["replied"].sum().alias("replies"),
            did["unsubscribed"].sum().alias("leaves"),
            did["complained"].sum().alias("complaints"),
            col("occurred_at").filter(engaged).min().alias("engaged_at"),
            col("occurred_at").filter(people["clicked"]).min().alias("clicked_at"),
        )
        status = col("status")
        self.told = self.messages.join(self.reacted, on="message_id", how="left").with_columns(
            pl.when(status == "failed")
            .then(1)
            .when((status == "delivered") | col("engaged_at").is_not_null())
            .then(3)
            .when(status == "sent")
            .then(2)
            .otherwise(0)
            .alias("outcome"),
            HANDED.alias("handed"),
        )

    def table(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.path / f"{name}.parquet")

    def activity(self) -> pl.LazyFrame:
        cells = self.events.group_by("campaign_id", "kind", "channel", moment=col("occurred_at").dt.truncate(HALF_HOUR))
        counts = cells.agg(pl.len().alias("events"), (~col("human")).sum().alias("machine"))
        keys = ("kind", "channel", "weekday", "hour")
        return self.on_the_clock(counts).group_by(keys).agg(col("events").sum(), col("machine").sum())

    def on_the_clock(self, counts: pl.LazyFrame) -> pl.LazyFrame:
        """Weekday and hour of `moment` on the account's clock; few rows, so zone by zone."""
        zones = self.table("campaigns").join(self.table("accounts"), on="account_id").select("campaign_id", "timezone")
        placed = counts.join(zones, on="campaign_id").collect(engine="streaming")
        parts = [
            part.with_columns(local=col("moment").dt.replace_time_zone("UTC").dt.convert_time_zone(zone))
            .with_columns(weekday=col("local").dt.weekday(), hour=col("local").dt.hour())
            .drop("local")
            for (zone,), part in placed.partition_by("timezone", as_dict=True).items()
        ]
        return pl.concat(parts).lazy()


def review(address: str, campaign: str | None) -> dict[str, list]:
    folder = Folder(address, campaign)
    failed_last = col("failed_at").rank("ordinal", descending=True)
    by_channel = folder.told.group_by("campaign_id", "contact_id", "channel").agg(
        col("outcome").max(),
        (col("status") == "delivered").any().alias("confirmed"),
        *[col(name).sum() for name in (*SUMS, "leaves", "complaints")],
    )
    person = by_channel.group_by("campaign_id", "contact_id").agg(
        col("outcome").max(), col("confirmed").any(), *[col(name).sum() for name in (*SUMS, "leaves", "complaints")]
    )
    by_channel, person = pl.collect_all([by_channel, person], engine="streaming")
    contacts = folder.table("contacts").select("contact_id", "country", "carrier", "email_domain")
    plans = folder.table("contact_attributes").filter(col("attribute") == "plan").select("contact_id", plan="value")
    described = person.lazy().join(contacts, on="contact_id", how="left").join(plans, on="contact_id", how="left")
    members = folder.table("segment_members").join(
        folder.table("segments").select("segment_id", "name"), on="segment_id"
    )
    of_segments = (
        person.lazy()
        .join(members, on="contact_id", how="left")
        .with_columns(segment=col("name").fill_null("(no segment)"))
    )
    columns = {"country": "country", "carrier": "carrier", "email_domain": "email_domain", "attribute:plan": "plan"}
    dimensions = [
        _counted((of_segments if name == "segment" else described).group_by(group=columns.get(name, name))).select(
            pl.lit(name).alias("dimension"), pl.all()
        )
        for name in DIMENSIONS
    ]
    failures = (
        folder.messages.filter(col("status") == "failed")
        .join(person.lazy().filter(col("outcome") == 1), on=["campaign_id", "contact_id"], how="semi")
        .filter(failed_last.over("campaign_id", "contact_id") == 1)
        .group_by("channel", "provider", "failure_code")
        .agg(pl.len())
    )
    sent = pl.coalesce("sent_at", "delivered_at", "failed_at", "engaged_at")
    reached = pl.max_horizontal(pl.coalesce("delivered_at", "engaged_at"), "sent_at")
    steps = {
        "sent": (sent, col("outcome") > 0),
        "delivered": (reached, col("outcome") == 3),
        "failed": (pl.max_horizontal("failed_at", "sent_at"), col("outcome") == 1),
    }
    minutes = [
        folder.told.filter(happened)
        .group_by(minute=moment.dt.truncate("1m"))
        .agg(pl.len().alias("messages"))
        .filter(col("minute").is_not_null())
        .select(pl.lit(name).alias("status"), col("messages"))
        for name, (moment, happened) in steps.items()
    ]
    whole = _counted(person.lazy().group_by(channel=pl.lit("all")))
    ledger = pl.concat([_counted(by_channel.lazy().group_by("channel")), whole])
    timeline = pl.concat(minutes).group_by("status").agg(col("messages").sum())
    asked = {
        "ledger": ledger, "dimensions": pl.concat(dimensions), "failures": failures, "timeline": timeline,
        "activity": folder.activity(),
    }  # fmt: skip
    answers = pl.collect_all(list(asked.values()), engine="streaming")
    return {name: frame.rows() for name, frame in zip(asked, answers, strict=True)}


def send_times(address: str) -> dict[str, list]:
    folder = Folder(address, None)
    latest = folder.table("events").select(col("occurred_at").max()).collect().item()
    window = timedelta(hours=WINDOW_HOURS)
    is_mature = col("handed") <= latest - window
    delivered = folder.told.filter(col("status") == "delivered")
    slots = delivered.group_by("campaign_id", "channel", moment=col("handed").dt.truncate(HALF_HOUR)).agg(
        pl.len().alias("delivered"),
        is_mature.sum().alias("mature"),
        (is_mature & (col("clicked_at") <= col("handed") + window)).sum().alias("responded"),
    )
    counted = ("delivered", "mature", "responded")
    by_slot = folder.on_the_clock(slots).group_by("campaign_id", "channel", "weekday", "hour")
    asked = [folder.activity(), by_slot.agg(*[col(name).sum() for name in counted])]
    answers = pl.collect_all(asked, engine="streaming")
    return dict(zip(("activity", "slots"), [frame.rows() for frame in answers], strict=True))


def _counted(groups) -> pl.LazyFrame:
    outcome = col("outcome")
    done = ("opens", "human_opens", "clicks", "replies", "leaves", "complaints")
    return groups.agg(
        pl.len().alias("audience"),
        (outcome == 0).sum().alias("not_sent"),
        (outcome > 0).sum().alias("sent"),
        (outcome == 3).sum().alias("delivered"),
        ((outcome == 3) & ~col("confirmed")).sum().alias("delivered_implied"),
        (outcome == 1).sum().alias("failed"),
        (outcome == 2).sum().alias("pending"),
        *[(col(name) > 0).sum().alias(f"people_{name}") for name in done],
        *[col(name).sum().alias(f"total_{name}") for name in SUMS],
    )
