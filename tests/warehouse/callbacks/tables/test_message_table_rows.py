"""Tables of one row per message: whose message a row is, rows that vanish, counts without times, costs."""

import pytest

from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.message_table.mapping import Mapping
from reportlib.warehouse.callbacks.tables.importing import import_detailed
from reportlib.warehouse.load import load_folder
from tests import few
from tests.warehouse.callbacks.imported import contents, rows

HEADER = "campaign_id,contact_id,channel,provider,provider_message_id,status,sent_at,clicked_at"
DAY = "2026-11-02T10:00:00Z"
NEXT_DAY = "2026-11-03T10:00:00Z"


def table(folder, *lines, header=HEADER, name="table.csv"):
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n")
    return str(path)


def counts(summary):
    assert summary.read == summary.imported + summary.duplicates + summary.rejected
    return summary.read, summary.imported, summary.duplicates, summary.rejected


@pytest.mark.parametrize(
    ("lines", "messages"),
    [
        pytest.param([f"c,{who},sms,x,batch,sent,{DAY}," for who in "abc"], 3, id="one provider id of a batch"),
        pytest.param([f"c,{who},sms,x,None,failed,{DAY}," for who in "abc"], 3, id="None is no id"),
        pytest.param([f"c,a,sms,x,,sent,{day}," for day in (DAY, NEXT_DAY)], 2, id="sent to twice"),
        pytest.param([f"c,a/b,sms,x,d,sent,{DAY},", f"c,b,sms,x,d/a,sent,{DAY},"], 2, id="slashes"),
        pytest.param([f"c,a,{channel},x,,sent,{DAY}," for channel in ("sms", "email")], 2, id="on two channels"),
    ],
)
def test_messages_are_not_merged(database_url, tmp_path, lines, messages):
    path = table(tmp_path, *lines)
    assert counts(import_detailed([path], database_url)) == (len(lines), messages, 0, 0)
    before = contents(database_url)
    assert len(before["messages"]) == messages
    assert counts(import_detailed([path], database_url)) == (len(lines), 0, messages, 0)
    assert contents(database_url) == before


def test_who_is_sent_to_twice_keeps_the_click(sqlite_url, tmp_path):
    lines = (f"c,a,sms,x,,delivered,{DAY},2026-11-02T11:00:00Z", f"c,a,sms,x,,failed,{NEXT_DAY},")
    import_detailed([table(tmp_path, *lines)], sqlite_url)
    assert rows(sqlite_url, "messages", "status") == [("delivered",), ("failed",)]
    assert rows(sqlite_url, "events", "kind") == [("clicked",)]


def test_a_message_id_of_several_people_is_refused_with_its_lines(database_url, tmp_path):
    header = "message_id," + HEADER
    path = table(
        tmp_path, f"1,c,a,sms,x,,sent,{DAY},", f"1,c,b,sms,x,,sent,{DAY},", "2,c,c,sms,,,sent,,", header=header
    )
    summary = import_detailed([path], database_url)
    assert counts(summary) == (3, 1, 0, 2)
    [(reason, places)] = summary.places.items()
    assert "several people" in reason
    assert places == ["table.csv line 2", "table.csv line 3"]
    other = table(tmp_path, f"2,d,z,sms,x,,sent,{DAY},", header=header, name="other.csv")
    assert counts(import_detailed([other], database_url)) == (1, 0, 0, 1)
    assert counts(import_detailed([path, other], database_url)) == (4, 0, 1, 3)
    assert rows(database_url, "messages", "message_id", "contact_id") == [("2", "c")]


def test_one_row_per_event_is_refused(sqlite_url, tmp_path):
    header = "message_id,campaign_id,contact_id,channel,status,sent_at,opened_at"
    lines = (
        f"m,c,a,email,sent,{DAY},",
        f"m,c,a,email,delivered,{DAY},",
        f"m,c,a,email,sent,,{DAY}",
        "n,c,b,email,sent,,",
    )
    summary = import_detailed([table(tmp_path, *lines, header=header)], sqlite_url)
    assert counts(summary) == (4, 1, 0, 3)
    assert "one row per event" in next(iter(summary.reasons))
    activity = (
        "processed,message_id,event,api_key_id,recv_message_id,credential_id,subject,from,email,asm_group_id,reason"
    )
    with pytest.raises(InvalidData, match="one row per event"):
        import_detailed([table(tmp_path, header=activity)], sqlite_url)


def test_the_same_row_twice_is_a_duplicate(sqlite_url, tmp_path):
    summary = import_detailed([table(tmp_path, *[f"c,a,sms,x,w,sent,{DAY},"] * 2)], sqlite_url)
    assert counts(summary) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("stored", "line", "id_after"),
    few(
        [
            (("m7", "c", "a", "w1", "2026-11-02 10:00:00"), "c,a,sms,x,w1,delivered,,", "m7"),
            (("c/a/sms", "c", "a", None, "2026-11-02 10:00:00"), f"c,a,sms,x,,delivered,{DAY},", "c/a/sms"),
            (("w1", "c", "a", "w1", None), f"c,a,sms,x,w1,delivered,{DAY},", "w1"),
            (("w1", "c", "a", "w1", "2026-11-02 10:00:00"), f"c,a,sms,x,w1,delivered,{DAY},", "w1"),
            (("w1", "c", "a", "w1", "1761-01-01 10:00:00"), f"c,a,sms,x,w1,delivered,{DAY},", "w1"),
        ],
        3,
    ),
)
def test_ids_of_before_are_kept(database_url, tmp_path, stored, line, id_after):
    """As earlier versions named messages: by the provider's id, or campaign, contact and channel; or `load` did."""
    import_detailed([table(tmp_path, f"c,zoe,sms,x,,sent,{DAY},")], database_url)
    folder = tmp_path / "stored"
    folder.mkdir()
    (folder / "contacts.csv").write_text("contact_id,account_id\na,imported\n")
    identity, campaign, contact, provider_id, sent = stored
    (folder / "messages.csv").write_text(
        "message_id,campaign_id,contact_id,channel,status,provider_message_id,sent_at\n"
        f"{identity},{campaign},{contact},sms,sent,{provider_id or ''},{sent or ''}\n"
    )
    load_folder(folder, database_url)
    assert counts(import_detailed([table(tmp_path, line)], database_url)) == (1, 0, 1, 0)
    told = rows(database_url, "messages", "message_id", "contact_id", "status")
    assert [(identity, status) for identity, who, status in told if who == "a"] == [(id_after, "delivered")]


def test_who_was_stored_once_and_is_told_twice_is_there_twice(sqlite_url, tmp_path):
    """The earlier version kept the last of two; the same file now adds the other, and doubles nothing."""
    import_detailed([table(tmp_path, f"c,a,sms,x,,sent,{NEXT_DAY},")], sqlite_url)
    lines = (f"c,a,sms,x,,sent,{DAY},", f"c,a,sms,x,,sent,{NEXT_DAY},")
    assert counts(import_detailed([table(tmp_path, *lines)], sqlite_url)) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("lines", "people", "line"),
    [
        (['c,b,sms,x,"w,sent,,', "c,c,sms,x,w,sent,,", "c,d,sms,x,w,sent,,"], {"a", "c", "d"}, 3),
        (['c,b,sms,x,w,sent,,"', "c,c,sms,x,w,sent,,", 'c,d,sms,x,w,sent,,"'], {"a", "c"}, 3),
        (['"c",b,sms,"x\ny","w,sent,,', "c,c,sms,x,w,sent,,"], {"a", "c"}, 4),
        (['c,b,sms,x,"w"w,sent,,', "c,c,sms,x,w,sent,,"], {"a", "c"}, 3),
        (['c,b,sms,x,"w ""w"" \n,,,,,,,, ",sent,,', "c,c,sms,x,w,sent,,"], {"a", "b", "c"}, None),
    ],
)
def test_a_quote_that_is_not_closed_costs_its_own_row(sqlite_url, tmp_path, lines, people, line):
    summary = import_detailed([table(tmp_path, f"c,a,sms,x,w,sent,{DAY},", *lines)], sqlite_url)
    assert {who for (who,) in rows(sqlite_url, "messages", "contact_id")} == people
    assert summary.imported == len(people)
    places = [place for reason, found in summary.places.items() if "quote" in reason for place in found]
    assert places[:1] == ([f"table.csv line {line}"] if line else [])


@pytest.mark.parametrize("header", [HEADER + ",sent_at", HEADER + ",Sent At", HEADER + ",note,note"])
def test_a_column_that_stands_twice_is_an_error(sqlite_url, tmp_path, header):
    with pytest.raises(InvalidData, match="twice"):
        import_detailed([table(tmp_path, header=header)], sqlite_url)


def test_names_of_columns_are_found_however_they_are_spelt_and_others_are_told(sqlite_url, tmp_path):
    path = table(tmp_path, "c,a,sms,sent,x", header="Campaign ID,ContactId,CHANNEL,status,shoe size")
    summary = import_detailed([path], sqlite_url)
    assert (summary.imported, summary.ignored) == (1, ["table.csv: column 'shoe size'"])
    assert import_detailed([path], sqlite_url, Mapping()).ignored == []


def test_counts_without_times_are_events_without_times(database_url, tmp_path):
    header = "campaign_id,contact_id,channel,status,opens,opens_by_machines,clicks,clicked_at"
    path = table(tmp_path, "c,a,email,sent,3.0,1,,", f"c,b,email,sent,,,2,{DAY}", "c,d,email,sent,0,,0,", header=header)
    assert counts(import_detailed([path], database_url)) == (3, 3, 0, 0)
    told = rows(database_url, "events", "kind", "occurred_at")
    assert [kind for kind, at in told if at is None] == ["opened"] * 3
    assert [kind for kind, at in told if at is not None] == ["clicked"] * 2


def test_costs(sqlite_url, tmp_path):
    """Each in a file of its own."""
    header = "campaign_id;contact_id;channel;status;cost"
    costs = {
        **{"-0.0075": 0.0075, "0.25": 0.25, "nan": None, "": None, "1e-3": 0.001},
        **{"1,5": 1.5, "0,051": 0.051, "1.234,50": 1234.5, "€ 0.05": 0.05, "-0,0075 EUR": 0.0075},
        **dict.fromkeys(("inf", "1_000", "1,234", "0x10", "1e999"), "refused"),
    }
    files = [
        table(tmp_path, f"c;a{at};sms;sent;{cell}", f"c;b{at};sms;sent;1", header=header, name=f"{at}.csv")
        for at, cell in enumerate(costs)
    ]
    summary = import_detailed(files, sqlite_url)
    told = dict(rows(sqlite_url, "messages", "contact_id", "cost"))
    assert {cell: told.get(f"a{at}", "refused") for at, cell in enumerate(costs)} == costs
    assert [told[f"b{at}"] for at in range(len(costs))] == [1.0] * len(costs)
    assert summary.rejected == 5


def test_a_mapping_says_what_a_comma_in_a_cost_is(sqlite_url, tmp_path):
    header, line = "campaign_id;contact_id;channel;status;cost", "c;a;sms;sent;1,234"
    summary = import_detailed([table(tmp_path, line, header=header)], sqlite_url, Mapping(decimal="comma"))
    assert (summary.rejected, rows(sqlite_url, "messages", "cost")) == (0, [(1.234,)])


def test_an_id_is_the_same_with_blanks_around_it_and_as_a_fraction_and_its_zeros_count(sqlite_url, tmp_path):
    """A phone that went through a column of fractions would be another one: 551198765000.0."""
    given = [" p1 ", "p1", "\u00a0p1", "007", "7", "0007", "551198765000.0", "5.5119E12", "5,5119e+12", "1" * 17 + ".0"]
    lines = [f'c,"{who}",sms,,,Sent,2026-11-{day:02}T10:00:00Z,' for day, who in enumerate(given, start=1)]
    summary = import_detailed([table(tmp_path, *lines)], sqlite_url)
    assert counts(summary) == (10, 7, 0, 3)
    assert [who for (who,) in rows(sqlite_url, "contacts", "contact_id")] == ["0007", "007", "551198765000", "7", "p1"]


def test_words_of_ours_are_known_in_capitals(sqlite_url, tmp_path):
    header = "campaign_id,contact_id,channel,status"
    lines = ("c,a,SMS,DELIVERED", "c,b,E-Mail,Sent ", "c,d,WhatsApp,Opened", "c,e,,sent")
    summary = import_detailed([table(tmp_path, *lines, header=header)], sqlite_url)
    assert (counts(summary), dict(summary.reasons)) == ((4, 3, 0, 1), {"has no channel": 1})
    told = [("email", "sent"), ("sms", "delivered"), ("whatsapp", "delivered")]
    assert rows(sqlite_url, "messages", "channel", "status") == told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_spreadsheets_unicode_text_is_read(sqlite_url, tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes("campaign_id\tcontact_id\tchannel\nc\tZoë\tsms\n".encode(encoding))
    assert import_detailed([str(path)], sqlite_url).imported == 1
    assert rows(sqlite_url, "messages", "contact_id") == [("Zoë",)]
    path.write_bytes("campaign_id,contact_id,channel\nc,a,sms\nc,Zoë,sms\n".encode("latin-1"))
    with pytest.raises(InvalidData, match="line 3 is not UTF-8"):
        import_detailed([str(path)], sqlite_url)
