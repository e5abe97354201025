"""The command that watches campaigns without a browser."""

import signal
import sys
from pathlib import Path
from threading import Event, current_thread, main_thread

import click

from reportlib.cli.suite import usual_edition, usual_output
from reportlib.cli.terminal import plain


@click.command()
@click.option("--campaign", "chosen", multiple=True, metavar="ID", help="Which campaign; repeatable.")
@click.option("--all-sending", is_flag=True, help="Every campaign while it is sending.")
@click.option(
    "--edition", type=click.Path(path_type=Path), metavar="FILE", help="Who hears of alarms: its mail, notify."
)
@click.option("--mail", "to", multiple=True, metavar="ADDRESS", help="Who hears of alarms, instead; repeatable.")
@click.option("--chat", "chats", multiple=True, metavar="slack=VARIABLE", help="The same of a chat; repeatable.")
@click.option("--once", is_flag=True, help="Look once, as for cron; else look until it is stopped.")
@click.option(
    "--interval",
    type=click.FloatRange(min=1),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="Between two looks.",
)
@click.option(
    "--imports-every", type=click.FloatRange(min=0), default=0, metavar="SECONDS", help="How often callbacks come."
)
@click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="What it knows.  [default: output/watch]")
def watch(chosen, all_sending, edition, to, chats, once, interval, imports_every, state):
    """Watch campaigns that are sending, and tell by mail and chat of each alarm once, and when it is over.

    The alarms are those of the live monitor, and the alerts of parameters/alerts.yaml. What it knows is on disk: it can
    be stopped and started again, and so can the database. SIGTERM ends it; the exit code is 0 when all was told.
    """
    from reportlib.publishing.watch.run import Watched, watch as run_watch
    from reportlib.publishing.watch.tell import FOLDER, audience_named, audience_of, require_audience
    from reportlib.publishing.weekly.edition import Edition, read_edition
    from reportlib.reports.alerts import read_alerts
    from reportlib.suite import suite

    if bool(chosen) == all_sending:
        raise click.UsageError("name --campaign ID or --all-sending")
    file = edition or usual_edition()
    declared = read_edition(file) if edition or file.exists() else Edition()
    audience = audience_of(declared.mail, declared.notify)
    if to or chats:
        named = [*map(_address, to)], [*map(_chat, chats)]
        audience = audience_named(declared.mail, *named, audience.link_base_url)
    require_audience(audience)
    watched = Watched(tuple(dict.fromkeys(chosen)), once, interval, imports_every)
    folder = state or Path(usual_output()) / FOLDER
    sys.exit(0 if run_watch(watched, audience, read_alerts(suite()), folder, _stopped(), _say) else 1)


def _address(text):
    from reportlib.publishing.mail.settings import ALARMS, Mailing

    return _declared(f"--mail {plain(text)}", Mailing, to=[text], about=ALARMS).to[0]


def _chat(text):
    from reportlib.publishing.chat.settings import Chat
    from reportlib.publishing.mail.settings import ALARMS

    kind, _, variable = text.partition("=")
    return _declared(f"--chat {plain(kind)}=…", Chat, to=kind, url=f"${{{variable.strip()}}}", about=ALARMS)


def _declared(option, model, **values):
    """What an edition would declare so; what is wrong with it is told of the option."""
    from pydantic import ValidationError

    from reportlib.explained import explained

    try:
        return model(**values)
    except ValidationError as error:
        raise click.UsageError(f"{option}: {explained(model, error.errors())[0][1]}") from None


def _stopped() -> Event:
    """What is set by the first SIGTERM or Ctrl-C, so that a message under way is told to its end; a second one ends
    the command at once."""
    stop = Event()

    def comes(number, _):
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if current_thread() is main_thread():
        for one in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(one) is not signal.SIG_IGN:
                signal.signal(one, comes)
    return stop


def _say(text):
    click.echo(plain(text), err=True)
