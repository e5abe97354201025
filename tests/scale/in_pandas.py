"""The same figures by pandas, from a folder of Parquet files: what is needed of one campaign, or all, is read whole."""

from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy.engine import make_url

from tests.scale.ours import DIMENSIONS, OPENED, WINDOW_HOURS

MESSAGES = [
    "message_id", "campaign_id", "contact_id", "channel", "provider", "status", "queued_at", "sent_at", "delivered_at",
    "failed_at", "failure_code",
]  # fmt: skip
EVENTS = ["message_id", "kind", "occurred_at", "is_machine"]
DONE = {
    "opened": "opens",
    "clicked": "clicks",
    "replied": "replies",
    "unsubscribed": "leaves",
    "complained": "complaints",
}
SUMS = ["opens", "human_opens", "clicks", "replies", "leaves", "complaints"]
PERSON = ["campaign_id", "contact_id"]
SLOT = ["weekday", "hour"]


class Folder:
    """The messages of one campaign or all, the events that count, and what they say of each message."""

    def __init__(self, address: str, campaign: str | None):
        self.path = Path(make_url(address).database)
        ours = [("campaign_id", "==", campaign)] if campaign else None
        messages = self.table("messages", MESSAGES, ours)
        messages["handed"] = messages["sent_at"].fillna(messages["queued_at"])
        events = self.table("events", EVENTS, ours)
        sent = messages[["message_id", "campaign_id", "channel", "status", "handed"]]
        events = events.merge(sent, on="message_id")
        counted = (events["status"] != "failed") & ((events["kind"] != "opened") | (events["channel"] != "sms"))
        counted &= events["handed"].isna() | (events["occurred_at"] >= events["handed"] - pd.Timedelta(minutes=1))
        counted &= events["occurred_at"] <= pd.Timestamp(OPENED).tz_localize(None) + pd.Timedelta(days=1)
        events = events[counted]
        machine = events["is_machine"].fillna(False).astype(bool)
        people_only = ("clicked", "replied")
        did = {name: (events["kind"] == kind) & ~(machine & (kind in people_only)) for kind, name in DONE.items()}
        did["human_opens"] = did["opens"] & ~machine
        engaged = events["occurred_at"].where(events["kind"].isin(["opened", "clicked", "replied"]))
        moments = {"engaged_at": engaged, "clicked_at": events["occurred_at"].where(did["clicks"])}
        self.events = events.assign(machine=machine, **did, **moments)
        how = dict.fromkeys(SUMS, "sum") | dict.fromkeys(moments, "min")
        told = messages.merge(
            self.events.groupby("message_id").agg(how), left_on="message_id", right_index=True, how="left"
        )
        told[SUMS] = told[SUMS].fillna(0).astype("int32")
        status = told["status"]
        reached = (status == "delivered") | told["engaged_at"].notna()
        conditions = [status == "failed", reached, status == "sent"]
        self.told = told.assign(outcome=np.select(conditions, [1, 3, 2], 0), confirmed=status == "delivered")

    def table(self, name: str, columns: list | None = None, filters=None) -> pd.DataFrame:
        return pd.read_parquet(self.path / f"{name}.parquet", columns=columns, filters=filters)

    def activity(self) -> pd.DataFrame:
        moment = self.events["occurred_at"].dt.floor("30min").rename("moment")
        keys = ["campaign_id", "kind", "channel", moment]
        cells = self.events.groupby(keys).agg(events=("machine", "size"), machine=("machine", "sum")).reset_index()
        return self.on_the_clock(cells).groupby(["kind", "channel", *SLOT])[["events", "machine"]].sum().reset_index()

    def on_the_clock(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Weekday and hour of `moment` on the account's clock."""
        zones = self.table("campaigns").merge(self.table("accounts"), on="account_id")[["campaign_id", "timezone"]]
        parts = []
        for zone, part in cells.merge(zones, on="campaign_id").groupby("timezone"):
            local = part["moment"].dt.tz_localize("UTC").dt.tz_convert(zone)
            parts.append(part.assign(weekday=local.dt.day_of_week + 1, hour=local.dt.hour))
        return pd.concat(parts)


def review(address: str, campaign: str | None) -> dict[str, list]:
    folder = Folder(address, campaign)
    told, how = folder.told, {"outcome": "max", "confirmed": "max"} | dict.fromkeys(SUMS, "sum")
    by_channel = told.groupby([*PERSON, "channel"]).agg(how).reset_index()
    person = by_channel.groupby(PERSON).agg(how).reset_index()
    plans = folder.table("contact_attributes", filters=[("attribute", "==", "plan")]).rename(
        columns={"value": "attribute:plan"}
    )
    contacts = folder.table("contacts", ["contact_id", "country", "carrier", "email_domain"])
    described = person.merge(contacts, on="contact_id", how="left").merge(plans, on="contact_id", how="left")
    members = folder.table("segment_members").merge(folder.table("segments"), on="segment_id")
    of_segments = person.merge(members[["contact_id", "name"]], on="contact_id", how="left")
    of_segments["segment"] = of_segments["name"].fillna("(no segment)")
    dimensions = [
        _counted(of_segments if name == "segment" else described, name).pipe(_of, name) for name in DIMENSIONS
    ]
    lost = told[told["status"] == "failed"].merge(person.loc[person["outcome"] == 1, PERSON], on=PERSON)
    latest = lost.sort_values("failed_at").drop_duplicates(PERSON, keep="last")
    failures = latest.groupby(["channel", "provider", "failure_code"]).size().reset_index()
    sent = told["sent_at"].fillna(told["delivered_at"]).fillna(told["failed_at"]).fillna(told["engaged_at"])
    reached = told["delivered_at"].fillna(told["engaged_at"])
    steps = {
        "sent": sent[told["outcome"] > 0],
        "delivered": reached.where(~(reached < told["sent_at"]), told["sent_at"])[told["outcome"] == 3],
        "failed": told["failed_at"].where(~(told["failed_at"] < told["sent_at"]), told["sent_at"])[
            told["outcome"] == 1
        ],
    }
    minutes = {name: moments.dt.floor("min").value_counts() for name, moments in steps.items()}
    ledger = pd.concat([_counted(by_channel, "channel"), _counted(person.assign(channel="all"), "channel")])
    return {
        "ledger": _rows(ledger),
        "dimensions": _rows(pd.concat(dimensions)),
        "failures": _rows(failures),
        "timeline": [(name, int(counts.sum())) for name, counts in minutes.items()],
        "activity": _rows(folder.activity()),
    }


def send_times(address: str) -> dict[str, list]:
    folder = Folder(address, None)
    latest = folder.table("events", ["occurred_at"])["occurred_at"].max()
    window, told = pd.Timedelta(hours=WINDOW_HOURS), folder.told[folder.told["confirmed"]]
    mature = told["handed"] <= latest - window
    slots = told.assign(mature=mature, responded=mature & (told["clicked_at"] <= told["handed"] + window))
    keys = ["campaign_id", "channel", slots["handed"].dt.floor("30min").rename("moment")]
    counts = {"delivered": ("mature", "size"), "mature": ("mature", "sum"), "responded": ("responded", "sum")}
    placed = folder.on_the_clock(slots.groupby(keys).agg(**counts).reset_index())
    by_slot = placed.groupby(["campaign_id", "channel", *SLOT])[list(counts)].sum().reset_index()
    return {"activity": _rows(folder.activity()), "slots": _rows(by_slot)}


def _counted(people: pd.DataFrame, by: str) -> pd.DataFrame:
    outcome = people["outcome"]
    counts = {
        "audience": outcome >= 0,
        "not_sent": outcome == 0,
        "sent": outcome > 0,
        "delivered": outcome == 3,
        "delivered_implied": (outcome == 3) & ~people["confirmed"],
        "failed": outcome == 1,
        "pending": outcome == 2,
        **{f"people_{name}": people[name] > 0 for name in SUMS},
        **{f"total_{name}": people[name] for name in SUMS[:4]},
    }
    return pd.DataFrame(counts).groupby(people[by].rename("group")).sum().reset_index()


def _of(frame: pd.DataFrame, dimension: str) -> pd.DataFrame:
    frame.insert(0, "dimension", dimension)
    return frame


def _rows(frame: pd.DataFrame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))
