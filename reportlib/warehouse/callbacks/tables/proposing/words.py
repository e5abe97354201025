"""What people and programs call things: names of columns, and words for what became of a message.

English, German, Spanish, Portuguese and French, without accents and signs. The first that fits counts.
"""

import re
import unicodedata

# Our column, and what it is called elsewhere: whole names, the likeliest first.
_NAMES = {
    "contact_id": """contactid emailaddress email mail recipientemail recipient to tonumber destination phonenumber
        phone msisdn mobile mobilenumber telephone telefono celular telefon telefone rufnummer handynummer nummer numero
        destinatario destinataire empfanger customerid subscriberid userid profileid customer subscriber contact kontakt
        kunde emailadresse correo correoelectronico cliente user""",
    "provider_message_id": """messageid providermessageid msgid messagesid sid wamid whatsappid deliveryid messageuuid
        externalid nachrichtid nachrichtenid idmensaje idmensagem uuid id""",
    "campaign_id": """campaignid campaign campaignname campaigntitle emailcampaignid emailcampaign broadcastid broadcast
        broadcastname newsletter mailing kampagne kampagnenname campana campanha campagne idcampana""",
    "event": "event eventtype eventname action activity activitytype ereignis evento type",
    "status": """status deliverystatus messagestatus state finalstatus result dlrstatus zustand zustellstatus estado
        situacao statut etat resultado ergebnis""",
    "sent_at": """sentat sent sentdate senttime senton datesent sendtime senddate sendat submittedat submitdate
        submittime gesendetam gesendet versandtam versandt versendetam versandzeit versanddatum fechadeenvio fechaenvio
        enviado enviadoem datadeenvio dataenvio dateenvoi envoyele occurredat occurred eventtime timestamp datetime date
        time when createdat created datecreated datum zeitpunkt fecha data datahora hora""",
    "delivered_at": """deliveredat delivered delivereddate deliveredtime deliverytime deliverydate donedate
        datedelivered zugestelltam zugestellt entregado entregadoen entregue entregueem livrele""",
    "failed_at": "failedat failed bouncedat bounced bouncetime bouncedate fehlgeschlagenam fallido falhou hardbounce",
    "opened_at": """openedat opened firstopen firstopened firstopenedat opentime opendate readat read seenat seen
        readtime gelesenam gelesen geoffnetam geoffnet leido leidoen lido lidoem abierto aberto ouvertle dateopened
        dateread""",
    "opens": "opens totalopens opencount numberofopens uniqueopens offnungen aperturas aberturas",
    "clicked_at": """clickedat clicked firstclick firstclicked firstclickedat clicktime clickdate geklicktam geklickt
        clicado cliqueem cliquele dateclicked""",
    "clicks": "clicks totalclicks clickcount numberofclicks uniqueclicks klicks clics cliques",
    "replied_at": "repliedat replied replytime beantwortetam respondido respondidoem",
    "unsubscribed_at": """unsubscribedat unsubscribed optedout optedoutat optout unsubscribetime abgemeldetam abgemeldet
        baja descadastrado desinscrit""",
    "complained_at": "complainedat complained markedasspam spamreport spam abuse complaint",
    "failure_code": "errorcode failurecode reasoncode statuscode bouncecode fehlercode codigoerror codigoerro",
    "failure_reason": """errormessage errortext failurereason bouncereason reason errordescription error fehlermeldung
        fehler grund motivo erro detail description""",
    "cost": "cost price totalprice charge kosten preis costo custo precio preco",
    "currency": "currency priceunit wahrung moneda moeda",
    "channel": "channel messagechannel kanal canal",
    "subject": "subject subjectline betreff asunto assunto objet",
    "variant": "variant variation arm abvariant variante version",
    "segment": "segment list listname segmentname segmento liste lista group gruppe",
    "country": "country countrycode land pais pays",
    "url": "url link clickedurl linkurl",
    "sender": "from sender fromnumber absender remitente remetente de",
    "text": "body text message messagebody content nachricht mensaje mensagem",
}
COLUMNS = {ours: tuple(names.split()) for ours, names in _NAMES.items()}
# What became of a message, and how words for it begin or what is in them; what denies another comes before it.
_SIGNS = {
    "failed": """undeliv, not deliv, notdeliv, non deliv, fail, bounce, reject, error, expire, invalid, block, drop,
        cancel, fehl, nicht zugestellt, unzustellbar, abgelehnt, fallid, no entreg, nao entreg, falh, rechaz, rejeit,
        echec, erro""",
    "unsubscribed": "unsub, opt out, optout, opt-out, abgemeldet, baja, descadastr, desinscri",
    "complained": "spam, complain, abuse, beschwer",
    "clicked": "click, klick, clic, tapped",
    "replied": "repl, respond, antwort, respuesta, resposta",
    "opened": "read, seen, open, gelesen, geoffnet, leid, lid, visto, abiert, abert, lu, ouvert",
    "delivered": "deliver, zugestellt, angekommen, entreg, livre, recibid, recebid, received, success",
    "queued": "queue, pending, schedul, accept, wait, ausstehend, pendient, pendent, process",
    "sent": "sent, send, submit, dispatch, request, gesendet, versendet, versandt, enviad, envoy",
}
OUTCOMES = {ours: tuple(" ".join(signs.split()).split(", ")) for ours, signs in _SIGNS.items()}
INBOUND = ("inbound", "incoming", "received", "mo", "in", "eingehend", "entrante", "entrada")
DIRECTIONS = ("direction", "messagedirection", "richtung", "direccion", "direcao", "sens")
WHATSAPP = ("whatsapp", "wamid", "waba", "template")
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WHO = {"recipient", "customer", "contact", "subscriber"}
_WHOSE = {*_WHO, "message", "msg", "sms", "email", "mail", "whatsapp", "the"}
_OF_TIME = {"on", "at", "date", "time", "timestamp", "utc", "gmt", "local"}
_TIMES = {name for ours, names in COLUMNS.items() if ours.endswith("_at") for name in names}


def bare(text: str) -> str:
    """A text in lower case, without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().strip()


def printable(text: str) -> str:
    """A text in one line, without signs that nobody sees."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def names_of(column: str) -> tuple[str, ...]:
    """The name of a column as COLUMNS has it, and what is left of it without brackets, without words before it that say
    whose it is, and, of a time, without words after it that say that it is one."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _IN_BRACKETS.sub(" ", column))
    parts = re.findall(r"[a-z0-9]+", bare(apart))
    ends = [len(parts), *(end for end in range(1, len(parts)) if set(parts[end:]) <= _OF_TIME)]
    begins = [0, *(begin for begin in range(1, len(parts)) if set(parts[:begin]) <= _WHOSE)]
    shorter = [
        "".join(parts[begin:end])
        for end in ends
        for begin in begins
        if (end == len(parts) or "".join(parts[begin:end]) in _TIMES)
        and not (parts[-1:] == ["id"] and parts[0] in _WHO)
    ]
    return tuple(dict.fromkeys((re.sub(r"[^a-z0-9]", "", bare(column)), *shorter)))


def outcome(word: str) -> str | None:
    """What a word says became of a message; None where nobody can tell."""
    said = re.sub(r"[_/]+", " ", bare(word))
    return next((ours for ours, signs in OUTCOMES.items() if any(_is_in(sign, said) for sign in signs)), None)


def _is_in(sign: str, said: str) -> bool:
    if len(sign) < 4:  # as a word of its own, or its beginning
        return re.search(rf"\b{sign}(?:o|a|os|as)?\b", said) is not None
    return re.search(rf"\b{re.escape(sign)}", said) is not None
