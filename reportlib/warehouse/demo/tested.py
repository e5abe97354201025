"""What the demo has of many experiments: a seed merchant that tests one thing in each e-mail to its 2,000 readers.

Half of the readers get each arm. Most changes do little, as elsewhere; which do is in TESTS.
"""

from datetime import datetime

from reportlib.warehouse.demo.model import Account, Campaign, Channel, Failure, Home, weighted

MERCHANT = "sementes"
USUAL = 0.14  # of delivered who click in the first arm
TESTS = (  # name, day, what was varied with both values, times as many clicks in the second arm, question, decision
    ("sowing", "2026-08-11T10:00", "sender", ("Viveiro Verde", "Ana, do Viveiro"), 1.25,
     "Do readers click more when Ana signs?", "Ana signs"),
    ("tomatoes", "2026-08-27T17:00", "subject", ("Tomates para vasos", "12 tomates para vasos"), 1.0,
     "Does a number in the subject help?", "no: subjects as before"),
    ("herbs", "2026-09-08T17:00", "picture", ("small", "large"), 0.9,
     "Does a large picture on top help?", "small ones"),
    ("roses", "2026-09-24T17:00", "button", ("See roses", "Choose yours"), 1.3,
     "Which word on the button?", "Choose yours"),
    ("compost", "2026-10-06T10:00", "length", ("long", "short"), 1.1,
     "Is a short mail clicked more?", ""),
    ("bulbs", "2026-10-22T10:00", "greeting", ("by name", "plain"), 1.0,
     "Does a greeting by name help?", ""),
)  # fmt: skip
SAID = {  # subject and category
    "sowing": ("Hora de semear?", "guide"),
    "tomatoes": ("", "offer"),  # what was tested
    "herbs": ("Ervas frescas na janela", "guide"),
    "roses": ("20 rosas em promoção", "offer"),
    "compost": ("Compostagem em casa: por onde começar?", "guide"),
    "bulbs": ("Bulbos para a primavera, com frete grátis", "offer"),
}

ACCOUNTS = (
    Account(
        MERCHANT,
        "Sementes & Mudas Viveiro Verde",
        "America/Sao_Paulo",
        "BRL",
        0.04,
        homes=(Home("BR", "pt", "America/Sao_Paulo", "Holambra", 1.0),),
        carriers=weighted(Vivo=0.6, Claro=0.4),
        email_domains=weighted(**{"gmail.com": 0.7, "uol.com.br": 0.3}),
        channels=(Channel("email", "mailgun", 0.004, 0.004, 0.4, USUAL, 0.0, 0.003, 0.0004),),
    ),
)
FAILURES = (Failure(MERCHANT, "email", "reason:bounce", "550 5.1.1 no such user", 0.01),)


def _arm(name, day, varied, value, variant, clicked, question, decision) -> Campaign:
    subject, category = SAID[name]
    told = {"subject": subject, "category": category, "question": question, "decision": decision, varied: value}
    return Campaign(
        f"{name}-{variant}",
        MERCHANT,
        f"{name.capitalize()} {variant.upper()}",
        weighted(email=1.0),
        datetime.fromisoformat(day),
        40,
        0.56,
        experiment_id=name,
        variant=variant.upper(),
        clicked=clicked,
        attributes=tuple((attribute, text) for attribute, text in told.items() if text),
    )


CAMPAIGNS = tuple(
    _arm(name, day, varied, value, variant, USUAL * times, question, decision)
    for name, day, varied, values, better, question, decision in TESTS
    for variant, value, times in zip("ab", values, (1.0, better), strict=True)
)
