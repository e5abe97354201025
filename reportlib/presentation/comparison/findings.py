"""What a comparison says, in sentences: the verdicts, what they can be put down to, and what stands beside them."""

from collections.abc import Sequence

import pandas as pd

from reportlib.definitions import ACTED, definition
from reportlib.metrics.comparison.age.hand_overs import stragglers
from reportlib.metrics.comparison.design.design import Design
from reportlib.metrics.comparison.guardrails import held_back
from reportlib.metrics.comparison.reasons import listed
from reportlib.metrics.comparison.verdict import Verdict
from reportlib.presentation.look import numbers
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.review.caveats import email_opens, missing_receipts, whatsapp_reads

WORDS = {  # word of a verdict: its symbol; those told apart first
    "stopped": "✕",
    "higher": "▲",
    "lower": "▼",
    "equivalent": "=",
    "not distinguishable": "≈",
    "not comparable": "–",
}
OF_ONE_METRIC = ("measured", "burn-in", "composition", "thin", "omnibus", "small counts", "close call", "spread")
WARNINGS = ("machines", "maturity", "thin", "overlap", "totals", "contamination", "composition")
OF_MACHINES = Finding("cause", "warning", "What machines opened can be put down to nothing that was varied.")
SHOWN_REASONS = 3  # of one kind


def headline(verdicts: Sequence[Verdict], design: Design, differences: pd.DataFrame) -> list[Finding]:
    """The verdicts on the primary metric in short, and what a difference can be put down to. Where there are none since
    something went wrong with the experiment, that comes first, and what followed from it is the cause."""
    wrong = _what_went_wrong(verdicts, design)
    if wrong:
        first, follows = (
            verdicts[0],
            " ".join(dict.fromkeys(r.text for one in verdicts for r in one.reasons if r.effect != "said")),
        )
        text = f"{first.label}: no verdict on {first.arm} and {first.baseline}. {wrong.text}"
        return [Finding("verdict", "bad", text), Finding("cause", "warning", follows)]
    return [
        *[Finding("verdict", level(verdict), verdict.in_short) for verdict in verdicts],
        *[Finding("guardrail", "warning", text) for text in dict.fromkeys(_said(verdicts, "guardrail"))],
        OF_MACHINES if _by_machines(verdicts) else put_down_to(design, differences),
    ]


def _what_went_wrong(verdicts, design):
    """What is wrong with an experiment of which there is no verdict, where the verdicts name only what came of it."""
    given = {reason for one in verdicts for reason in one.reasons if reason.effect != "said"}
    if not design.declared or any(one.word not in ("stopped", "not comparable") for one in verdicts):
        return None
    wrong = _against(design)
    return wrong[0] if wrong and not given & set(wrong) else None


def _against(design):
    return [*design.stops, *design.lost.values(), *([design.contaminated] if design.contaminated else [])]


def _by_machines(verdicts):
    """Whether there is no difference but by machines."""
    reasons = [{reason.guard for reason in one.reasons if reason.effect == "stopped"} for one in verdicts]
    return bool(reasons) and all("machines" in guards for guards in reasons)


def level(verdict: Verdict) -> str:
    """How good a verdict is for its campaign, a key of findings.SYMBOLS: more failures are not good.

    Good is only what people in arms by chance did, that matters, and that no guardrail speaks against.
    """
    if verdict.word in ("higher", "lower"):
        if held_back(verdict) or (verdict.word == "higher") == definition(verdict.metric).lower_is_better:
            return "warning"
        return "good" if is_cause(verdict) and verdict.practical in ("matters", None) else "note"
    return "bad" if verdict.word == "stopped" else "note"


def is_cause(verdict: Verdict) -> bool:
    """Whether it is about people who were in their arms by chance."""
    return not any(reason.guard == "not randomised" for reason in verdict.reasons)


def put_down_to(design: Design, differences: pd.DataFrame) -> Finding:
    """What a difference between these campaigns can and cannot be put down to: to nothing where a check stops it."""
    if design.declared and not design.is_sound:
        why = " ".join(reason.text for reason in _against(design)) or "to one of its arms nothing was sent."
        text = f"Declared as an experiment, but a difference can be put down to nothing: {why}"
        return Finding("cause", "warning", text)
    changed = [str(row.aspect) for row in differences.itertuples(index=False) if not row.same]
    what = listed(changed) if changed else "nothing that is recorded"
    if design.is_sound and len(changed) <= 1:
        text = "People were assigned at random, so a difference comes from what was varied between them"
        return Finding("cause", "good", f"{text}: {what}.")
    if design.is_sound:
        text = f"People were assigned at random, but these differ together: {what}."
        return Finding("cause", "note", f"{text} A difference comes from them as a whole, not from one of them.")
    advice = "To learn what works, change one thing and send both versions to random halves of one audience at once."
    if len(changed) > 1:
        text = f"These changed at once: {what}. A difference cannot be put down to any one of them."
        return Finding("cause", "warning", text, advice)
    text = f"All that changed, as far as the data shows: {what}. People were not assigned at random, so a difference "
    return Finding("cause", "note", f"{text}may go with it without coming from it.", advice)


def caveats(frame: pd.DataFrame, verdicts: Sequence[Verdict], receipts: pd.DataFrame) -> list[Finding]:
    """What the guards said, each once, and what limits the figures of these campaigns' channels; `metrics.receipts`
    tells whose are missing."""
    names = dict(zip(frame["campaign_id"].astype(str), frame["label"], strict=True))
    return [
        *_sending(frame),
        *_left_out(frame),
        *_guards(verdicts),
        *missing_receipts(receipts, names),
        *_channel_limits(frame),
    ]


def _said(verdicts, guard):
    return [reason.text for verdict in verdicts for reason in verdict.reasons if reason.guard == guard]


def _guards(verdicts):
    said = {}
    for verdict in verdicts:
        for reason in verdict.reasons:
            labels = said.setdefault(reason.guard, {}).setdefault((reason.effect, reason.text), {})
            labels[verdict.label] = None
    for guard, texts in said.items():
        for (effect, text), labels in list(texts.items())[:SHOWN_REASONS]:
            level = {"stopped": "bad", "refused": "note"}.get(effect, "warning" if guard in WARNINGS else "note")
            about = f"{', '.join(labels)}: " if guard in OF_ONE_METRIC else ""
            yield Finding(guard, level, f"{about}{text}")
        if len(texts) > SHOWN_REASONS:
            more = numbers.plural(len(texts) - SHOWN_REASONS, "further pair")
            yield Finding(guard, "note", f"The same holds of {more}; the export names them.")


def _sending(frame):
    sending = [label for label, status in zip(frame["label"], frame["status"], strict=True) if status == "sending"]
    if sending:
        verb = "is" if len(sending) == 1 else "are"
        yield Finding("sending", "warning", f"{listed(sending)} {verb} still sending: every figure here will change.")


def _left_out(frame):
    """Whose message is younger than the age compared: a few stragglers, or more with an age that was asked for."""
    late = frame[frame["young"] > 0]
    if late.empty:
        return
    told = [
        f"{row.label} {numbers.count(row.young)} ({numbers.percent(row.young / row.assigned)} of "
        f"{numbers.count(row.assigned)} assigned)"
        for row in late.itertuples(index=False)
    ]
    age = numbers.duration(60 * float(frame["compared_hours"].iloc[0]))
    text = f"Left out, since their message is not {age} old yet: people of {listed(told)}."
    if (late["young"] <= stragglers(late["handed_over"])).all():
        yield Finding("left out", "note", f"{text} So few shift no rate by more than a fraction of what chance does.")
    else:
        text += " Whoever is written to later may be of another kind; a smaller age leaves out fewer."
        yield Finding("left out", "warning", text)


def _channel_limits(frame):
    used = set("+".join(frame.loc[frame["opened"].notna(), "channels"]).split("+"))
    if "whatsapp" in used:
        yield whatsapp_reads()
    if "email" in used:
        yield email_opens(frame[frame["channels"].str.contains("email")])
    for metric, one in ACTED.items():
        silent = frame.loc[frame[one.numerator].isna(), "label"].tolist() if one.columns else []
        if silent and not (metric == "opened" and used <= {""}):
            yield Finding("measured", "note", f"{one.label}: not measured for {listed(silent)}, which is not zero.")
