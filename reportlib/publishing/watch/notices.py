"""What is told of an alarm: that it is raised, and that it is over; in the words of the live monitor."""

import hashlib
from dataclasses import dataclass

from reportlib.metrics.live.alerts import AlertHit
from reportlib.metrics.live.watch import LiveFigures
from reportlib.presentation.live import findings, parts
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand_of, shown_in
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import Finding
from reportlib.publishing.mail.content import Content, Figure, Said, figure_of, link_to
from reportlib.publishing.page.wording import header, line

RAISED, OVER = "raised", "over"


@dataclass(frozen=True)
class Alarm:
    """An alarm as it is seen at a look: the same `name` at the next look is the same alarm."""

    name: str
    finding: Finding


@dataclass(frozen=True)
class Scene:
    """A campaign at a look: its id as text, what it is called, its account and that account's id, what it is doing, its
    cards and alarms."""

    campaign: str
    title: str
    account: str
    account_id: str
    doing: str
    cards: list[Card]
    alarms: list[Alarm]
    completed: bool = False


@dataclass(frozen=True)
class Notice:
    """What is to be told, as it is kept until everybody has it: what the ledger calls it, the subject of a mail, whose
    it is, and what it says."""

    key: str
    subject: str
    account_id: str
    kicker: str
    title: str
    account: str
    doing: str
    findings: list[Said]
    cards: list[Figure]
    link: str | None

    @property
    def content(self) -> Content:
        """What a mail or a chat says, in the brand of the account."""
        return Content(
            kicker=self.kicker,
            title=self.title,
            account=self.account,
            subtitle=self.doing,
            findings=self.findings,
            cards=self.cards,
            link=self.link,
            link_words="Open the reports",
            footer="Sent automatically, once for this alarm.",
            brand=brand_of(self.account_id),
        )


def scene_of(figures: LiveFigures, hits: list[AlertHit]) -> Scene:
    """A campaign as the live monitor sees it, with its alarms and with the alerts that hold."""
    about, zone = figures.about, parts.zone_of(figures, None)
    with shown_in(brand_of(str(about["account_id"]))):
        pairs = zip(figures.alarms, findings.alarms(figures, zone), strict=True)
        named = [(" ".join(filter(None, [a.kind, a.channel, a.provider, _code(a.code)])), said) for a, said in pairs]
        return Scene(
            str(about["campaign_id"]),
            str(about["name"]),
            str(about["account"]),
            str(about["account_id"]),
            f"{findings.status_words(figures)}; {parts.lateness(figures, zone)}",
            parts.first_cards(figures, zone),
            [Alarm(name, said) for name, said in named] + [alarm_of(hit) for hit in hits],
            figures.completed,
        )


def alarm_of(hit: AlertHit) -> Alarm:
    """An alert that holds, as an alarm."""
    alert, side = hit.alert, "above" if hit.alert.is_above else "below"
    text = f"{alert.label} {side} {numbers.percent(alert.line)}, surely: {numbers.rate(hit.rate)}."
    return Alarm(f"alert {alert.name}", Finding("alert", "bad", f"{alert.name}: {text}", alert.advice))


def notice_of(scene: Scene, alarm: Alarm, number: int, state: str, link_base_url: str | None, why: str = "") -> Notice:
    """The notice that an alarm, of its name the so manieth of this campaign, is RAISED or OVER."""
    known = hashlib.sha256(f"{scene.campaign}\0{alarm.name}\0{number}".encode(errors="surrogatepass")).hexdigest()[:16]
    said, title = alarm.finding, line(scene.title, 120)
    is_over = state == OVER
    first = Said("good", f"Over: {why}") if is_over else Said(said.level, line(said.text, 500), line(said.advice, 300))
    what = header(said.text, 90)
    return Notice(
        f"alarm-{known}-{state}",
        f"{'Over' if is_over else 'Alarm'} · {header(scene.title, 60)}: {what}",
        scene.account_id,
        "Alarm over" if is_over else "Alarm",
        title,
        line(scene.account, 80),
        line(scene.doing, 300),
        [first, *([Said("note", line(said.text, 500))] if is_over else [])],
        [figure_of(card) for card in scene.cards],
        link_to(link_base_url, "index.html"),
    )


def _code(code) -> str:
    return code if isinstance(code, str) else ""
