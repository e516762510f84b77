"""Who has a place, who waits, and for how long a place stays somebody's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allpoints.web.places import ASKS_WITHIN, KEPT_SECONDS, LONGEST_LINE, MOST_EACH, Places


def a_place(places: Places, now: float = 0.0) -> str:
    """The ticket of one who came."""
    ticket = places.ask("", now).ticket
    assert places.come(ticket, now)
    return ticket


def test_who_finds_no_place_waits_in_the_order_of_arrival() -> None:
    places = Places(2)
    first, second = a_place(places), a_place(places)
    third, fourth, fifth = (places.ask("", 0.0) for _ in range(3))
    assert [each.before for each in (third, fourth, fifth)] == [0, 1, 2]
    assert not any(each.has_place for each in (third, fourth, fifth))
    places.go(second, 1.0)
    places.go(first, 1.0)
    assert not places.ask(third.ticket, 1.0).has_place, "both may come back"
    later = 1.0 + KEPT_SECONDS
    assert places.ask(fifth.ticket, later) == fifth, "two are before, and only two places are free"
    assert places.ask(fourth.ticket, later).has_place
    assert places.ask(third.ticket, later).has_place
    assert places.ask(fifth.ticket, later).before == 0


def test_nobody_slips_past_the_line() -> None:
    places = Places(1)
    first = a_place(places)
    waiting = places.ask("", 0.0).ticket
    places.go(first, 0.0)
    assert not places.come("a stranger's", KEPT_SECONDS)
    assert places.come(waiting, KEPT_SECONDS)


def test_where_nobody_waits_no_ticket_is_needed_and_a_forgotten_one_is_good() -> None:
    places = Places(1)
    given_place = places.ask("", 0.0).ticket
    assert not places.may_come("another", KEPT_SECONDS - 1)
    assert places.come("another", KEPT_SECONDS)
    assert not places.come(given_place, KEPT_SECONDS)


def test_a_place_is_one_players_however_often_it_connects() -> None:
    places = Places(2)
    ticket = a_place(places)
    assert places.come(ticket, 0.0)
    assert not places.come(ticket, 0.0)
    places.go(ticket, 1.0)
    assert places.ask(ticket, 1.0).ticket == ticket, "a page that is loaded again keeps its place"
    assert places.ask("", 1.0).has_place, "two connections on one ticket take one place"


def test_nothing_is_kept_for_a_player_that_comes_back_on_no_ticket() -> None:
    places = Places(1)
    places.go(a_place(places), 1.0, comes_back=False)
    assert places.may_come("another", 1.0)


def test_a_ticket_that_was_passed_on_to_many_is_replaced() -> None:
    places = Places(3)
    ticket = a_place(places)
    for _ in range(MOST_EACH - 1):
        places.come(ticket, 0.0)
    passed_on = places.ask(ticket, 0.0)
    assert passed_on.has_place
    assert passed_on.ticket not in ("", ticket)


def test_who_asks_no_more_loses_the_place_in_line() -> None:
    places = Places(1)
    a_place(places)
    gone, patient = places.ask("", 0.0), places.ask("", 0.0)
    assert places.ask(patient.ticket, ASKS_WITHIN - 1).before == 1
    assert places.ask(patient.ticket, ASKS_WITHIN).before == 0
    again = places.ask(gone.ticket, ASKS_WITHIN)
    assert again.ticket != gone.ticket
    assert again.before == 1


def test_the_line_has_an_end() -> None:
    places = Places(1)
    a_place(places)
    for _ in range(LONGEST_LINE):
        places.ask("", 0.0)
    refused = places.ask("", 0.0)
    assert (refused.ticket, refused.has_place, refused.before) == ("", False, LONGEST_LINE)


DEED = st.tuples(st.sampled_from(["ask", "come", "go", "wait"]), st.integers(0, 7))


@given(st.integers(1, 3), st.lists(DEED, max_size=60))
def test_there_are_never_more_than_there_may_be_and_all_who_keep_asking_are_served(
    most: int, deeds: list[tuple[str, int]]
) -> None:
    places, now = Places(most), 0.0
    tickets, connected = [f"own-{person}" for person in range(8)], list[str]()
    for deed, number in deeds:
        if deed == "wait":
            now += number * 3
        elif deed == "ask":
            tickets[number] = places.ask(tickets[number], now).ticket
        elif deed == "come" and places.come(tickets[number], now):
            connected.append(tickets[number])
        elif deed == "go" and connected:
            places.go(connected.pop(number % len(connected)), now)
        assert len(set(connected)) <= most
        assert max(map(connected.count, connected), default=0) <= MOST_EACH
    waiting = [places.ask("", now).ticket for _ in range(4)]
    for ticket in connected:
        places.go(ticket, now)
    served = list[str]()
    for _ in range(20):
        now += 10
        for ticket in [ticket for ticket in waiting if ticket not in served]:
            standing = places.ask(ticket, now)
            assert standing.ticket == ticket
            if standing.has_place and places.come(ticket, now):
                served.append(ticket)
                places.go(ticket, now)
    assert served == waiting
