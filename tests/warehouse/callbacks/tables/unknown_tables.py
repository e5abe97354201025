"""Tables that no download is known by: what a person would say they are, and what is in them.

Of HubSpot, Klaviyo and Brevo the words are those that they document; no header of what is downloaded there was seen.
"""

import gzip

from tests.warehouse.callbacks.tables.downloaded import as_workbook

# Of each: the file's name, its content, the parts of the mapping that must be right, and what its rows say.
TABLES = {
    "names that say more than they need": (
        "dlr.csv",
        "Campaign date,Campaign name,Recipient mobile number (E.164),SMS ID,Message status,Sent on (UTC),"
        "deliveredAtUtc,Error text\n"
        "02.11.2026,Autumn,+4915112345001,s1,Delivered,2026-11-02 10:00,2026-11-02 10:01,\n"
        "02.11.2026,Autumn,+4915112345002,s2,Undelivered,2026-11-02 10:00,,unknown subscriber\n",
        {
            "columns": {
                **{"contact_id": "Recipient mobile number (E.164)", "campaign_id": "Campaign name"},
                **{"sent_at": "Sent on (UTC)", "delivered_at": "deliveredAtUtc", "provider_message_id": "SMS ID"},
                **{"status": "Message status", "failure_reason": "Error text"},
            },
            "statuses": {"Delivered": "delivered", "Undelivered": "failed"},
            "fixed": {"channel": "sms"},
        },
        {"delivered": 1, "failed": 1},
    ),
    "a German gateway, semicolons, a preamble": (
        "bericht.csv",
        "Bericht vom;02.11.2026\nMandant;Acme\n\n"
        "Rufnummer;Kampagne;Versandt am;Zugestellt am;Zustellstatus;Fehlermeldung;Kosten\n"
        "+4915112345001;Herbst;02.11.2026 10:00;02.11.2026 10:01;Zugestellt;;0.07\n"
        "+4915112345002;Herbst;02.11.2026 10:00;;Nicht zugestellt;Teilnehmer unbekannt;0.07\n"
        "+4915112345003;Herbst;02.11.2026 10:00;;Gesendet;;0.07\n",
        {
            "columns": {
                **{"contact_id": "Rufnummer", "campaign_id": "Kampagne", "sent_at": "Versandt am"},
                **{"delivered_at": "Zugestellt am", "status": "Zustellstatus", "failure_reason": "Fehlermeldung"},
            },
            "statuses": {"Zugestellt": "delivered", "Nicht zugestellt": "failed", "Gesendet": "sent"},
            "fixed": {"channel": "sms"},
        },
        {"delivered": 1, "failed": 1, "sent": 1},
    ),
    "an American mailer, whether and not when": (
        "esp.csv",
        "Email,First Name,Sent Date,Opened,Clicked,Bounced\n"
        "a@x.org,Ann,11/02/2026 10:00 AM,TRUE,FALSE,FALSE\n"
        "b@x.org,Bob,11/13/2026 10:00 AM,FALSE,FALSE,TRUE\n"
        "c@x.org,Cy,11/02/2026 10:00 PM,TRUE,TRUE,FALSE\n",
        {
            "columns": {
                **{"contact_id": "Email", "sent_at": "Sent Date", "opens": "Opened", "clicks": "Clicked"},
                "status": "Bounced",
            },
            "statuses": {"TRUE": "failed", "FALSE": "sent"},
            "fixed": {"channel": "email"},
        },
        {"sent": 2, "failed": 1, "opened": 2, "clicked": 1},
    ),
    "a row per event, epochs": (
        "events.csv.gz",
        "message_uuid,event_type,recipient_email,occurred,campaign_name,link\n"
        "u1,email_sent,a@x.org,1793613600,spring,\n"
        "u1,email_delivered,a@x.org,1793613660,spring,\n"
        "u1,link_clicked,a@x.org,1793613760,spring,https://x.org\n"
        "u2,email_sent,b@x.org,1793613600,spring,\n"
        "u2,email_bounced,b@x.org,1793613700,spring,\n",
        {
            "columns": {
                **{"contact_id": "recipient_email", "provider_message_id": "message_uuid", "event": "event_type"},
                **{"occurred_at": "occurred", "campaign_id": "campaign_name", "url": "link"},
            },
            "events": {
                **{"email_sent": "sent", "email_delivered": "delivered", "link_clicked": "clicked"},
                "email_bounced": "failed",
            },
            "fixed": {"channel": "email"},
        },
        {"sent": 2, "delivered": 1, "clicked": 1, "failed": 1},
    ),
    "Spanish WhatsApp, tabs": (
        "envios.txt",
        "Teléfono\tCampaña\tFecha de envío\tEstado\tMotivo\tPlantilla WhatsApp\n"
        "5215512345001\tverano\t2026-11-02 10:00:00\tLeído\t\toferta\n"
        "5215512345002\tverano\t2026-11-02 10:00:00\tEntregado\t\toferta\n"
        "5215512345003\tverano\t2026-11-02 10:00:00\tNo entregado\tsin WhatsApp\toferta\n"
        "5215512345004\tverano\t2026-11-02 10:00:00\tEnviado\t\toferta\n",
        {
            "columns": {
                **{"contact_id": "Teléfono", "campaign_id": "Campaña", "sent_at": "Fecha de envío"},
                **{"status": "Estado", "failure_reason": "Motivo"},
            },
            "statuses": {"Leído": "opened", "Entregado": "delivered", "No entregado": "failed", "Enviado": "sent"},
            "fixed": {"channel": "whatsapp"},
        },
        {"delivered": 2, "opened": 1, "failed": 1, "sent": 1},
    ),
    "a log with what people wrote, days that could be months": (
        "log.csv",
        "Direction,From,To,Message,Date Sent,Message ID,State\n"
        "outgoing,+15550001,+14155550101,Sale!,02/11/2026 10:00,m1,delivered\n"
        "outgoing,+15550001,+14155550102,Sale!,02/11/2026 10:00,m2,undeliverable\n"
        "incoming,+14155550101,+15550001,Stop,03/11/2026 09:00,m3,received\n",
        {
            "columns": {
                **{"contact_id": "To", "sender": "From", "text": "Message", "sent_at": "Date Sent"},
                **{"provider_message_id": "Message ID", "status": "State"},
            },
            "inbound": {"Direction": "incoming"},
            "dates": "day first",  # as months they would lie four weeks apart
            "fixed": {"channel": "sms"},
        },
        {"delivered": 1, "failed": 1, "unsubscribed": 1},
    ),
    "a workbook with its own dates": (
        "audience.xlsx",
        [
            ["Newsletter report"],
            ["Subscriber ID", "Email address", "Sent on", "First opened", "Total clicks"],
            ["1001", "a@x.org", 46328.4166666667, 46328.5, 2],
            ["1002", "b@x.org", 46328.4166666667, "", 0],
        ],
        {
            "columns": {
                **{"contact_id": "Email address", "sent_at": "Sent on", "opened_at": "First opened"},
                "clicks": "Total clicks",
            },
            "fixed": {"channel": "email"},
        },
        {"sent": 1, "delivered": 1, "opened": 1, "clicked": 1},
    ),
    "Portuguese, compact digits, one column of each state": (
        "relatorio.csv",
        "Destinatário;Mensagem;Enviado em;Entregue em;Lido em;Código erro\n"
        "5511987650001;Oi;20261102100000;20261102100100;20261102110000;\n"
        "5511987650002;Oi;20261102100000;;;131026\n",
        {
            "columns": {
                **{"contact_id": "Destinatário", "sent_at": "Enviado em", "delivered_at": "Entregue em"},
                **{"opened_at": "Lido em", "failure_code": "Código erro"},
            },
            "fixed": {"channel": "whatsapp"},
        },
        {"delivered": 1, "sent": 1, "opened": 1},
    ),
    "the events of HubSpot, as its API calls them": (
        "hubspot.csv",
        "type,recipient,created,emailCampaignId\n"
        "SENT,a@x.org,1793613600000,77\n"
        "DELIVERED,a@x.org,1793613605000,77\n"
        "OPEN,a@x.org,1793617200000,77\n"
        "SPAMREPORT,a@x.org,1793617500000,77\n"
        "SENT,b@x.org,1793613600000,77\n"
        "MTA_DROPPED,b@x.org,1793613602000,77\n",
        {
            "columns": {
                **{"contact_id": "recipient", "event": "type", "occurred_at": "created"},
                "campaign_id": "emailCampaignId",
            },
            "events": {
                **{"SENT": "sent", "DELIVERED": "delivered", "OPEN": "opened", "SPAMREPORT": "complained"},
                "MTA_DROPPED": "failed",
            },
            "fixed": {"channel": "email"},
        },
        {"sent": 2, "delivered": 1, "opened": 1, "complained": 1, "failed": 1},
    ),
    "the activity of Klaviyo's recipients, by its words": (
        "klaviyo.csv",
        "Email,Campaign Name,Activity,Time\n"
        "a@x.org,Spring,Received Email,2026-11-02 10:00:00\n"
        "a@x.org,Spring,Opened Email,2026-11-02 11:00:00\n"
        "a@x.org,Spring,Clicked Email,2026-11-02 11:00:30\n"
        "b@x.org,Spring,Bounced Email,2026-11-02 10:00:00\n"
        "c@x.org,Spring,Received Email,2026-11-02 10:00:00\n"
        "c@x.org,Spring,Marked Email as Spam,2026-11-02 12:00:00\n",
        {
            "columns": {"contact_id": "Email", "event": "Activity", "occurred_at": "Time"},
            "events": {
                **{"Received Email": "delivered", "Opened Email": "opened", "Clicked Email": "clicked"},
                **{"Bounced Email": "failed", "Marked Email as Spam": "complained"},
            },
            "fixed": {"channel": "email"},
        },
        {"delivered": 2, "opened": 1, "clicked": 1, "failed": 1, "complained": 1},
    ),
    "what became of Brevo's recipients, by its words": (
        "brevo.csv",
        "EMAIL;SEND_DATE;STATUS\n"
        "a@x.org;02-11-2026 10:00:00;delivered\n"
        "b@x.org;02-11-2026 10:00:00;hard_bounce\n"
        "c@x.org;13-11-2026 10:00:00;soft_bounce\n"
        "d@x.org;13-11-2026 10:00:00;unsubscribed\n",
        {
            "columns": {"contact_id": "EMAIL", "sent_at": "SEND_DATE", "status": "STATUS"},
            "statuses": {
                **{"hard_bounce": "failed", "soft_bounce": "failed"},
                "unsubscribed": "unsubscribed",
            },
            "fixed": {"channel": "email"},
        },
        {"delivered": 2, "failed": 2, "unsubscribed": 1},  # who left has it
    ),
}


def written(folder, name):
    """The table as a file in the folder; its path."""
    file, content, _, _ = TABLES[name]
    path = folder / file
    if isinstance(content, list):
        path.write_bytes(as_workbook(content))
    elif file.endswith(".gz"):
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content, encoding="utf-8")
    return path
