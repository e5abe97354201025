"""The control for campaigns: what it offers, how it says it, and what choosing sets."""

from datetime import date

import ipywidgets
import pandas as pd
import pytest

from reportlib.presentation.workbench.campaigns import MOST_OFFERED, CampaignChooser, label, offered

TURNED = "\u202e<b>לוח</b>\u2069 & \nשנה"  # turns what follows around, ends the isolation it stands in, breaks the line


def campaigns(*rows):
    """A frame as `metrics.campaigns` has it, of (id, name, account, day of start)."""
    frame = pd.DataFrame(rows, columns=["campaign_id", "name", "account_id", "started_at"])
    frame["started_at"] = pd.to_datetime(frame["started_at"], utc=True, format="ISO8601").astype("datetime64[ms, UTC]")
    return frame.assign(account=frame["account_id"], timezone="America/Sao_Paulo", status="completed")


KNOWN = campaigns(
    ("c3", "Promoção", "acai", "2026-10-03 01:00"),  # the 2nd of October in São Paulo
    ("c2", TURNED, "acai", "2026-09-02"),
    ("c1", "Promoção", "buecher", "2026-08-01"),
    ("c0", "No start", "buecher", None),
)


def ids(frame):
    return frame["campaign_id"].tolist()


def test_account_words_and_days_narrow_what_is_offered():
    assert ids(offered(KNOWN)) == ["c3", "c2", "c1", "c0"]
    assert ids(offered(KNOWN, "acai")) == ["c3", "c2"]
    assert ids(offered(KNOWN, words="PROMOCAO")) == ["c3", "c1"]
    assert ids(offered(KNOWN, words="promo c1")) == ["c1"]
    assert ids(offered(KNOWN, words=" nothing ")) == []
    assert ids(offered(KNOWN, since=date(2026, 9, 1), until=date(2026, 10, 2))) == ["c3", "c2"]
    assert ids(offered(KNOWN, since=date(2026, 10, 3))) == []


def test_names_stay_on_their_line_and_within_their_place():
    same, hostile = (label(row) for row in offered(KNOWN, "acai").itertuples())
    assert same == "\u2068Promoção\u2069 · \u2068c3\u2069 · 2026-10-02"
    assert hostile.startswith("\u2068<b>לוח</b> &  שנה\u2069 · ")


@pytest.fixture
def told():
    """What the control says is chosen, each time it says so."""
    return []


def of(chooser, kind):
    """The widgets of one kind within a control."""
    found, waiting = [], [chooser.widget]
    while waiting:
        widget = waiting.pop()
        found += [widget] if isinstance(widget, kind) else []
        waiting += reversed(getattr(widget, "children", ()))
    return found


def test_one_campaign_is_chosen_and_stays_in_sight(told):
    chooser = CampaignChooser(KNOWN, False, lambda: told.append(chooser.value))
    (words,), (listed,) = of(chooser, ipywidgets.Text), of(chooser, ipywidgets.Select)
    chooser.follow("c1")
    assert (listed.value, told) == ("c1", [])
    words.value = "שנה"
    assert [value for _, value in listed.options] == ["c1", "c2"]
    assert told == []
    listed.value = "c2"
    assert told == ["c2"]
    chooser.follow("gone")
    assert (listed.value, told) == (None, ["c2"])


def test_of_several_none_chosen_means_all_that_are_found(told):
    chooser = CampaignChooser(KNOWN, True, lambda: told.append(chooser.value))
    account, words = of(chooser, ipywidgets.Dropdown)[0], of(chooser, ipywidgets.Text)[0]
    assert chooser.value is None
    account.value = "acai"
    assert told == [["c3", "c2"]]
    of(chooser, ipywidgets.Checkbox)[1].value = True
    assert told[-1] == ["c2"]
    words.value = "promo"
    assert told[-1] == ["c2"]
    assert [box.value for box in of(chooser, ipywidgets.Checkbox)] == [True, False]
    chooser.follow(None)
    assert chooser.value == ["c3"]


def test_fewer_than_there_have_to_be_run_nothing(told):
    chooser = CampaignChooser(KNOWN, True, lambda: told.append(chooser.value), at_least=2)
    for at in (0, 1):
        of(chooser, ipywidgets.Checkbox)[at].value = True
    assert told == [["c3", "c2"]]
    of(chooser, ipywidgets.Checkbox)[0].value = False
    assert told == [["c3", "c2"]]
    assert "choose 2 or more" in of(chooser, ipywidgets.HTML)[-1].value


def test_of_many_campaigns_the_latest_are_listed_and_all_are_found():
    many = campaigns(*((f"c{number}", f"Name {number}", "a", "2026-01-01") for number in range(1000)))
    chooser = CampaignChooser(many, False, lambda: None)
    (words,), (listed,) = of(chooser, ipywidgets.Text), of(chooser, ipywidgets.Select)
    assert len(listed.options) == MOST_OFFERED
    assert not of(chooser, ipywidgets.Dropdown)  # one account: nothing to choose
    words.value = "name 999"
    assert [value for _, value in listed.options] == ["c999"]
    words.value = ""
    chooser.follow("c500")
    assert (listed.value, listed.options[0][1], len(listed.options)) == ("c500", "c500", MOST_OFFERED)


def test_a_number_is_chosen_as_python_has_it(told):
    chooser = CampaignChooser(campaigns((42, "Name", 7, "2026-01-01")), False, lambda: told.append(chooser.value))
    of(chooser, ipywidgets.Select)[0].value = "42"
    assert [type(one) for one in told] == [int]
