"""What a value of a kind has to be besides its type: held against the warehouse, and against the other parameters.

Each is given a value, which may be None, the warehouse, and the values of the other parameters by the names of their
kinds; each raises ReportError.
"""

from pathlib import Path

from reportlib.errors import InvalidParameters, ReportError, nearest
from reportlib.metrics import parse_week, select_account, select_campaigns, started_within
from reportlib.metrics.comparison.age.equal_age import require_several, splittable
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.impact.trial import find_trial
from reportlib.metrics.local_time import check_zone
from reportlib.metrics.selection.campaigns import require_reportable
from reportlib.metrics.selection.clocks import RECIPIENT
from reportlib.metrics.selection.grouping import grouping
from reportlib.metrics.send_times.responses import told_of
from reportlib.metrics.weekly.restatements import require_earlier


def campaign(value, warehouse, others):
    """It can be reported on."""
    if value is not None:
        require_reportable(warehouse, value)


def campaigns(value, warehouse, others):
    """They can be reported on; None: there are such campaigns."""
    started_within(warehouse, value)


def compared(value, warehouse, others):
    """They can be reported on, and are two or more."""
    if value is not None:
        require_reportable(warehouse, value)
        require_several(value)


def baseline(value, warehouse, others):
    """It is one of the campaigns compared."""
    known = list(map(str, others.get("compared") or ()))
    if value is not None and str(value) not in known:
        raise InvalidParameters(f"{value!r} is not one of the campaigns{nearest(value, known)}")


def shares(value, warehouse, others):
    """There is one for each of the campaigns compared."""
    known = others.get("compared") or ()
    if value is not None and len(value) != len(known):
        raise InvalidParameters(f"has {len(value)} shares for {len(known)} campaigns: give one each")


def account(value, warehouse, others):
    """There is such an account; None: there is only one."""
    select_account(warehouse, value)


def week(value, warehouse, others):
    """There is such a week."""
    if value is not None:
        parse_week(value, warehouse.opened_ms, "UTC")


def earlier(value, warehouse, others):
    """It is the record of a weekly review of the account, of no later week."""
    if value is None:
        return
    from reportlib.reports.earlier import earlier_review  # of few reports, and every notebook would wait for it

    try:
        about = select_account(warehouse, others.get("account"))
        reviewed = parse_week(others.get("week", "last"), warehouse.opened_ms, about["timezone"])
    except ReportError:
        return  # said of the account or the week
    require_earlier(earlier_review(value), about["account_id"], reviewed)


def experiment(value, warehouse, others):
    """There is such an experiment, of two arms."""
    if value is not None:
        find_trial(warehouse, value)


def zone(value, warehouse, others):
    """It is a time zone."""
    if value is not None:
        check_zone(value)


def zone_or_recipient(value, warehouse, others):
    """It is a time zone, or each recipient's own."""
    if value not in (None, RECIPIENT):
        check_zone(value)


def grouping_of_one(value, warehouse, others):
    """People can be grouped by it."""
    if value is not None:
        grouping(value)


def groupings(value, warehouse, others):
    """People can be grouped by each of them."""
    for one in value or ():
        grouping(one)


def gap_groupings(value, warehouse, others):
    """A gap between two campaigns can be split by each of them."""
    for one in value or ():
        splittable(one)


def response(value, warehouse, others):
    """It can be pooled over the channels, where none is named."""
    if value is not None and others.get("channel") is None:
        _measured(warehouse, others, value, None)


def channel(value, warehouse, others):
    """It reports the response."""
    if value is not None and others.get("response") is not None:
        _measured(warehouse, others, others["response"], value)


def file(value, warehouse, others):
    """It can be read."""
    if value is not None:
        try:
            Path(value).open("rb").close()
        except OSError as error:
            raise InvalidParameters(f"{value} cannot be read ({error.strerror or error})") from None


def failure_codes(value, warehouse, others):
    """It is a catalogue of failure codes."""
    if value is not None:
        read_catalogue(value)


def _measured(warehouse, others, metric, one_channel):
    try:
        asked = others.get("campaigns", others.get("campaign"))
        chosen = select_campaigns(warehouse, started_within(warehouse, asked, others.get("last weeks")))
    except ReportError:
        return  # said of the campaigns
    told_of(warehouse, chosen, metric, one_channel)
