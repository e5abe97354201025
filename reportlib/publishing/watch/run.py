"""Looking at campaigns that are sending, again and again, and telling what is amiss."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from sqlalchemy import Engine

from reportlib.errors import DatabaseUnavailable, ReportError, UnknownCampaign, WarehouseError, nearest
from reportlib.metrics.live.alerts import Alert, alerted
from reportlib.metrics.live.watch import LiveWatch, Silence
from reportlib.metrics.selection.campaigns import campaigns
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.watch.notices import scene_of
from reportlib.publishing.watch.state import State, read_state
from reportlib.publishing.watch.tell import Audience, tell_all
from reportlib.warehouse import Warehouse, open_warehouse

FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 30.0


@dataclass(frozen=True)
class Watched:
    """What is watched: these campaigns, or all that are sending; every so many seconds, or only once. Callbacks may
    wait `imports_every_s` to be imported, which is no silence."""

    chosen: tuple[str, ...] = ()
    once: bool = False
    interval_s: float = 30.0
    imports_every_s: float = 0.0


def watch(
    watched: Watched,
    audience: Audience,
    alerts: list[Alert],
    folder: Path,
    stop: Event,
    tell: Callable[[str], None],
) -> bool:
    """Watch until `stop` is set or the chosen campaigns have completed, or look only `once`; whether all that was to be
    told was handed over, and the last look had an answer.

    What is known is kept in `folder`, which is this watch's own. A database that does not answer is asked again, after
    1, 2, 4 … 30 seconds. Raises FolderInUse, OutputError, UnknownCampaign.
    """
    with alone_in(folder):
        state, looks = read_state(folder), _Looks(watched, alerts)
        retry_s, is_well = FIRST_RETRY_S, True
        while not stop.is_set():
            try:
                is_over = looks.look(state, audience.link_base_url, folder, tell)
                retry_s, is_well, wait_s = FIRST_RETRY_S, True, watched.interval_s
            except WarehouseError as error:
                tell(f"no answer: {error}")
                looks.disconnect()
                is_well, is_over, wait_s = False, False, retry_s
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
            if state.unsent:
                told = tell_all(folder, state.unsent, audience, tell)
                state.unsent = [one for one in state.unsent if one.key not in told]
                state.write(folder)
            if watched.once or (is_over and not state.unsent):
                break
            stop.wait(wait_s)
        return is_well and not state.unsent


class _Looks:
    """The looks at each campaign, over one engine."""

    def __init__(self, watched: Watched, alerts: list[Alert]):
        self._watched, self._alerts = watched, alerts
        self._engine: Engine | None = None
        self._looks: dict[str, LiveWatch] = {}

    def disconnect(self):
        """Let the next look connect anew: what answered may be gone, as a file that another was put in the place of."""
        if self._engine:
            self._engine.dispose()

    def look(self, state: State, link_base_url, folder: Path, tell) -> bool:
        """Look at each campaign once, and write down what is seen; whether all of the chosen have completed."""
        engine = self._engine = self._engine or open_warehouse().engine
        ids, unanswered = self._ids(engine, state), None
        completed = []
        for campaign in ids:
            looking = self._looks.get(campaign) or self._begun(engine, campaign, ids[campaign], state)
            try:
                figures = looking.look(whole=self._watched.once)
                if not figures.completed:
                    looking.catch_up()
                hits = alerted(self._alerts, Warehouse(engine), figures.about)
            except DatabaseUnavailable as error:
                unanswered = error
                break
            except ReportError as error:  # of this campaign alone
                tell(f"{campaign}: {error}")
                completed.append(campaign)
                continue
            state.seen(scene_of(figures, hits), int(time.time() * 1000), link_base_url)
            state.silences[campaign] = looking.silence
            if figures.completed:
                completed.append(campaign)
                state.silences.pop(campaign, None)
                self._looks.pop(campaign)
        state.write(folder)
        if unanswered:
            raise unanswered
        return bool(self._watched.chosen) and set(self._watched.chosen) <= set(completed)

    def _begun(self, engine, campaign, campaign_id, state) -> LiveWatch:
        silence = state.silences.get(campaign, Silence())
        silence.longest_s = max(silence.longest_s, self._watched.imports_every_s)
        self._looks[campaign] = LiveWatch(engine, campaign_id, silence)
        return self._looks[campaign]

    def _ids(self, engine, state: State) -> dict:
        """The campaigns to look at, as text, with their ids as the source has them."""
        known = campaigns(Warehouse(engine))
        by_text = dict(zip(known["campaign_id"].astype(str), known["campaign_id"], strict=True))
        for one in self._watched.chosen:
            if one not in by_text:
                raise UnknownCampaign(f"no campaign {one!r}{nearest(one, by_text)}")
        sending = known.loc[known["status"] == "sending", "campaign_id"].astype(str)
        wanted = self._watched.chosen or (*sending, *state.open_campaigns())
        return {one: by_text[one] for one in wanted if one in by_text}
