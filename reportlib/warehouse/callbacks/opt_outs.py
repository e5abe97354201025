"""Words that ask for no more messages, and nothing else: ours in some twenty languages, and a user's own."""

import os
from functools import lru_cache
from pathlib import Path

from reportlib.errors import InvalidParameters
from reportlib.warehouse.callbacks.model import beginning

LARGEST = 1 << 20  # bytes of a user's file
OPT_OUT_VARIABLE = "REPORTLIB_OPT_OUT_WORDS"  # a file with more of them, one on each line
_OPT_OUT = frozenset(
    (
        *("stop", "stopall", "stop all", "stop promotions", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
        *("opt out", "opt-out", "no more messages", "stop messages", "unsubscribe from promos", "parar", "sair"),
        *("cancelar", "baja", "alto", "detener", "parar promociones", "parar promoções", "descadastrar", "abmelden"),
        *("abbestellen", "stopp", "werbung stoppen", "arrêt", "arrêter", "désabonner", "se désabonner", "annulla"),
        *("disiscriviti", "stoppen", "afmelden", "uitschrijven", "avsluta", "avregistrera", "wypisz", "rezygnuję"),
        *("berhenti", "durdur", "iptal", "отписаться", "стоп", "إيقاف", "توقف", "停止", "退订", "配信停止"),
        *("중지", "수신거부", "बंद करें"),
    )
)


def is_opt_out(text) -> bool:
    """Whether a reply is nothing but a word that asks for no more messages."""
    return isinstance(text, str) and _bare(text) in _opt_out_words(os.environ.get(OPT_OUT_VARIABLE))


def _bare(text: str) -> str:
    return " ".join(text.replace("_", " ").strip(" .!\"'\n\t").casefold().split())


@lru_cache
def _opt_out_words(file: str | None) -> frozenset[str]:
    if not file:
        return _OPT_OUT
    try:
        lines = beginning(Path(file), LARGEST).splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidParameters(f"{OPT_OUT_VARIABLE} names {file}, which cannot be read ({reason})") from None
    return _OPT_OUT | {word for line in lines if (word := _bare(line))}
