"""What a watch knows, on disk: which alarms are raised, what is still to be told, how long news was waited for.

Each change is written as a whole before anything is sent, and what was sent is in the ledger: a watch that is killed at
any moment, or started again, tells everything once.
"""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reportlib.errors import OutputError
from reportlib.metrics.live.watch import Silence
from reportlib.presentation.look.finding import Finding
from reportlib.publishing.store.files import write_whole
from reportlib.publishing.watch.notices import OVER, RAISED, Alarm, Notice, Scene, notice_of

FILE = "watch.json"
CALM_MS = 120_000  # without an alarm before it is told to be over: one that comes again meanwhile is the same


@dataclass
class Raised:
    """An alarm that was told: the so manieth of its name, what was said, since when it is not seen any more, and
    whether it still held when its campaign completed, which is the last that there is to say of it."""

    number: int
    finding: Finding
    calm_since_ms: int | None = None
    is_final: bool = False


@dataclass
class State:
    """Alarms by campaign and name, how many of a name there were, notices that not all have yet, silences."""

    raised: dict[str, dict[str, Raised]] = field(default_factory=dict)
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    unsent: list[Notice] = field(default_factory=list)
    silences: dict[str, Silence] = field(default_factory=dict)

    def seen(self, scene: Scene, now_ms: int, link_base_url: str | None):
        """Take a look into account: alarms that are new are to be told, and those that are over."""
        raised = self.raised.setdefault(scene.campaign, {})
        numbers = self.numbers.setdefault(scene.campaign, {})
        now = {alarm.name: alarm for alarm in scene.alarms}
        for name, alarm in now.items():
            if name not in raised:
                numbers[name] = numbers.get(name, 0) + 1
                raised[name] = Raised(numbers[name], alarm.finding)
                self.unsent.append(notice_of(scene, alarm, numbers[name], RAISED, link_base_url))
            raised[name].calm_since_ms, raised[name].is_final = None, scene.completed
        for name in [name for name in raised if name not in now]:
            one = raised[name]
            one.calm_since_ms = now_ms if one.calm_since_ms is None else one.calm_since_ms
            if scene.completed or now_ms - one.calm_since_ms >= CALM_MS:
                del raised[name]
                why = "the campaign has completed." if scene.completed else "it was not seen for two minutes."
                alarm = Alarm(name, one.finding)
                self.unsent.append(notice_of(scene, alarm, one.number, OVER, link_base_url, why))

    def open_campaigns(self) -> list[str]:
        """The campaigns with an alarm that may still be over."""
        return [one for one, raised in self.raised.items() if not all(alarm.is_final for alarm in raised.values())]

    def write(self, folder: Path):
        """Write it, whole or not at all. Raises OutputError."""
        write_whole(folder / FILE, _ADAPTER.dump_json(self, indent=1))


_ADAPTER = TypeAdapter(State)


def read_state(folder: Path) -> State:
    """What a watch in this folder knew last. Raises OutputError for a file that is none of ours."""
    file = folder / FILE
    if not file.exists():
        return State()
    try:
        return _ADAPTER.validate_json(file.read_bytes())
    except (OSError, ValidationError, ValueError) as error:
        raise OutputError(f"{file} is no state of a watch ({type(error).__name__}): move it away") from None
