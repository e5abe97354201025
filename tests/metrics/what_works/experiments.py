"""Small experiments by how many people each arm has and how many of them click."""

from datetime import timedelta

from tests.small_database import START

HOUR = timedelta(hours=1)


def ran(database, name, arms: dict[str, tuple[int, int]], start=START, **attributes):
    """An experiment: by arm how many people, and how many of them click."""
    for variant, (people, clicked) in arms.items():
        campaign = f"{name}-{variant.lower()}"
        database.campaign(
            campaign, start=start, completed_at=start + HOUR, experiment_id=name, variant=variant, template_id="t"
        )
        database.attribute(campaign, **attributes)
        for number in range(people):
            contact = f"{name}{variant}{number}"
            database.contact(contact)
            message = database.message(campaign, contact, at=start)
            if number < clicked:
                database.event(message, "clicked")
