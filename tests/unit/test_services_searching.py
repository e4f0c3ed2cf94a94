"""Searching over memory: pages, places, spellings, and what the buttons go on with."""

from __future__ import annotations

from datetime import date

import pytest

from bot.commands import Caller, Search, Similar
from bot.compose.searching import search_blocks, similar_blocks
from bot.document import LONGEST_BUTTON, Actions, Button, Heading, Note, PaperCard
from bot.errors import SearchExpired
from bot.index_query import SortBy
from bot.model import Facts, Member, MemberId
from bot.services import retrieval
from bot.services.pools import Pools
from bot.services.reading import Reading
from bot.services.topic_entry import TopicEntry
from tests.contract.samples import HOME, NOON, channel, edition, paper, paper_id
from tests.fakes.clock import FrozenClock
from tests.fakes.library import search_over
from tests.fakes.store import MemoryStore

pytestmark = pytest.mark.unit

ADA = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada")
CALLER = Caller(HOME, "general", ADA)


class Library:
    """A store of papers with an index that follows it."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        clock = FrozenClock()
        pools, entry = Pools(store=self.store), TopicEntry(self.store, has_meaning=False)
        reading = Reading(store=self.store, clock=clock, lookup=None, entry=entry, pools=pools)
        self.searching, self.indexing = search_over(self.store, clock, reading)
        self.index = self.searching.index

    async def add(self, *papers) -> None:
        async with self.store.write() as tx:
            await tx.papers.save(papers, {})
        await self.indexing.follow()

    async def find(self, text, **more):
        return await self.searching.search(CALLER, Search(text, **more))

    async def titles(self, text, **more):
        return [each.paper.title for each in (await self.find(text, **more)).hits]


def titled(number, title, abstract="", **changes):
    return paper(number, title=title, title_key=title.casefold(), abstract=abstract, **changes)


@pytest.fixture
async def library():
    made = Library()
    await made.add(
        titled(1, "Speculative decoding", "Drafts are verified in parallel.", announced_on=date(2026, 5, 1)),
        titled(2, "Decoding the brain", "Signals of neurons.", announced_on=date(2026, 5, 3), facts=Facts(upvotes=90)),
        titled(3, "Speculative markets", "Prices rise.", announced_on=date(2026, 5, 2), authors=("Tri Dao",)),
        titled(4, "Arctic terns", "Birds fly far and decoding is theirs.", categories=("q-bio.PE",)),
    )
    async with made.store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON)
        await tx.channels.add(channel())
        await tx.channels.put_member(ADA)
    return made


async def test_papers_with_all_of_the_words_come_first(library):
    found = await library.titles("speculative decoding")
    assert found[0] == "Speculative decoding"
    assert set(found) == {"Speculative decoding", "Decoding the brain", "Speculative markets", "Arctic terns"}


async def test_a_paper_with_all_of_the_words_stands_before_one_that_scores_higher_with_some(library):
    loud = {"authors": ("Ann Decoding",), "facts": Facts(ai_keywords=("decoding",), upvotes=9)}
    await library.add(
        titled(8, "Decoding of decoding", "Decoding.", **loud), titled(9, "Drafts", "Speculative, with decoding.")
    )
    found = await library.titles("decoding decoding decoding speculative")
    assert set(found[:2]) == {"Speculative decoding", "Drafts"}
    assert found[2] == "Decoding of decoding"


async def test_a_phrase_of_words_that_stand_everywhere_shows_the_newest_in_the_order_asked_for(library, monkeypatch):
    monkeypatch.setattr(retrieval, "COMMON", 3)
    monkeypatch.setattr(retrieval, "DEPTH", 2)
    days = {20: date(2026, 5, 10), 21: date(2026, 5, 9), 22: date(2026, 5, 8), 23: date(2020, 1, 1)}
    await library.add(*(titled(at, f"Of the {at}", announced_on=on) for at, on in days.items()))
    found = await library.find('"of the"', sort=SortBy.NEWEST)
    assert [each.paper.title for each in found.hits] == ["Of the 20", "Of the 21"]
    assert "the last 30 days" in found.notes[0]
    page = await library.find('"of the"')
    await library.add(titled(24, "Of the of the", announced_on=date(2026, 5, 11)))
    library.searching._kept.clear()
    again = await library.find('"of the"', page=1, upto=page.upto)
    assert "Of the of the" not in [each.paper.title for each in again.hits]


async def test_what_the_best_papers_share_finds_papers_on_the_subject_without_its_words(library):
    await library.add(*(titled(60 + at, f"Filler {at}", f"Nothing{at} at all.") for at in range(20)))
    shared = "Hailstorm prediction with weather radar."
    await library.add(titled(40, "Graph networks", shared), titled(41, "Networks of graphs", shared))
    await library.add(titled(42, "Hailstorm", "Something else."))
    assert "Hailstorm" not in await library.titles("graph networks")
    assert "Hailstorm" in await library.titles("graph networks weather")


async def test_words_that_stand_next_to_each_other_lift_a_paper(library):
    await library.add(titled(30, "Fields apart", "It is neural."), titled(31, "Apart", "About neural fields here."))
    assert await library.titles("neural fields upvotes:<1") == ["Apart", "Fields apart"]


async def test_conditions_must_hold(library):
    assert await library.titles("decoding cat:q-bio.PE") == ["Arctic terns"]
    assert await library.titles('author:"T. Dao"') == ["Speculative markets"]
    assert await library.titles("decoding -brain -birds") == ["Speculative decoding"]
    assert await library.titles("since:2026-05-02 before:2026-05-03") == ["Speculative markets"]
    assert await library.titles("/Dra[f]ts/") == ["Speculative decoding"]


async def test_an_author_is_found_as_people_type_the_name(library):
    assert (await library.titles("tri dao"))[0] == "Speculative markets"
    assert (await library.titles("dao markets"))[0] == "Speculative markets"


async def test_the_paper_whose_id_or_whole_title_was_typed_stands_first(library):
    await library.add(titled(5, "Decoding", "Nothing else."), titled(6, "Decoding decoding decoding", "decoding"))
    assert (await library.titles("decoding"))[0] == "Decoding"
    assert (await library.titles("2605.00004"))[0] == "Arctic terns"


async def test_papers_are_sorted_by_day_and_by_upvotes(library):
    newest = await library.titles("decoding", sort=SortBy.NEWEST)
    assert newest[:2] == ["Decoding the brain", "Speculative decoding"]
    assert (await library.titles("decoding", sort=SortBy.UPVOTES))[0] == "Decoding the brain"
    filtered = await library.titles("since:2026-05-01")
    assert filtered == ["Decoding the brain", "Speculative markets", "Speculative decoding"]


async def test_what_was_posted_here_says_when_and_can_be_asked_for(library):
    async with library.store.write() as tx:
        await tx.editions.add(edition(1, local_on=date(2026, 5, 4)), [(0, "key")])
    found = await library.find("speculative decoding")
    assert [each.posted_on for each in found.hits if each.paper.id == paper_id(1)] == [date(2026, 5, 4)]
    assert await library.titles("in:here") == ["Speculative decoding"]
    assert await library.titles("decoding -in:here -brain -birds") == []


async def test_saved_papers_and_votes_are_the_caller_s_own(library):
    async with library.store.write() as tx:
        await tx.marks.save(ADA, paper_id(3), NOON)
        await tx.marks.vote(ADA, paper_id(4), NOON)
    assert await library.titles("in:saved") == ["Speculative markets"]
    assert await library.titles("votes:>0") == ["Arctic terns"]
    assert "Arctic terns" not in await library.titles("decoding votes:<1")
    assert (await library.searching.search(None, Search("in:saved"))).hits == []
    async with library.store.write() as tx:
        await tx.marks.unsave(ADA, paper_id(3))
        await tx.marks.save(ADA, paper_id(2), NOON)
    assert await library.titles("in:saved") == ["Decoding the brain"]


async def test_a_misspelled_search_finds_what_was_meant_and_says_so(library):
    found = await library.find("speculatve marketts")
    assert found.instead_of == "speculatve marketts"
    assert found.text == "speculative markets"
    assert found.hits[0].paper.title == "Speculative markets"
    partly = await library.find("decoding nuerons")
    assert (partly.instead, bool(partly.hits)) == ("decoding neurons", True)
    nothing = await library.find("zyzzyva")
    assert (nothing.hits, nothing.instead) == ([], "")


async def test_pages_stay_right_while_papers_arrive(library):
    await library.add(*(titled(100 + each, f"Glacier study {each}") for each in range(25)))
    first = await library.find("glacier")
    assert (len(first.hits), first.found) == (10, 25)
    await library.add(*(titled(200 + each, "Glacier") for each in range(5)))
    second = await library.find("glacier", page=2, upto=first.upto)
    library.searching._kept.clear()
    again = await library.find("glacier", page=2, upto=first.upto)
    third = await library.find("glacier", page=3, upto=first.upto)
    shown = [each.paper.id for page in (first, second, third) for each in page.hits]
    assert len(shown) == len(set(shown)) == 25
    assert [each.paper.id for each in again.hits] == [each.paper.id for each in second.hits]
    assert (await library.find("glacier")).hits[0].paper.title == "Glacier"


async def test_what_was_not_found_is_found_as_soon_as_it_is_indexed(library):
    async with library.store.write() as tx:
        await tx.papers.save([titled(50, "Zyzzyva")], {})
    assert await library.titles("zyzzyva") == []
    await library.indexing.follow()
    assert await library.titles("zyzzyva") == ["Zyzzyva"]


def buttons(blocks):
    return [item for block in blocks if isinstance(block, Actions) for item in block.items]


async def test_a_long_search_goes_on_by_a_short_name(library):
    await library.add(*(titled(100 + each, f"Glacier study {each}") for each in range(15)))
    text = "glacier " + " ".join(f"word{each}" for each in range(40))
    page = await library.find(text)
    more = next(each for each in buttons(search_blocks(page, Search(text))) if each.label == "More")
    assert len(more.command) <= LONGEST_BUTTON
    handle = more.command.split()[1]
    assert (await library.find(handle, page=2, upto=page.upto)).page == 2
    library.searching._named.clear()
    with pytest.raises(SearchExpired):
        await library.find(handle, page=2)


async def test_the_answer_marks_what_was_searched_for_and_offers_ways_on(library):
    command = Search("decoding")
    blocks = search_blocks(await library.find("decoding"), command)
    assert isinstance(blocks[0], Heading)
    cards = [each for each in blocks if isinstance(each, PaperCard)]
    marked = [card.title[start:end] for card in cards for start, end in card.title_marks]
    assert {each.casefold() for each in marked} == {"decoding"}
    assert all(any(isinstance(each, Button) and each.label == "Similar" for each in card.actions) for card in cards)
    nothing = search_blocks(await library.find("zyzzyva"), Search("zyzzyva"))
    assert [type(each) for each in nothing] == [Heading, Note]


async def test_similar_papers_leave_out_the_paper_itself_and_say_how_they_were_found(library):
    await library.add(titled(7, "Decoding of the brain and neurons", "Signals of neurons."))
    found = await library.searching.similar(CALLER, Similar("2605.00002"))
    assert found.hits[0].paper.id == paper_id(7)
    assert all(each.paper.id != paper_id(2) for each in found.hits)
    notes = [each.text for each in similar_blocks(found, Similar("2605.00002")) if isinstance(each, Note)]
    assert "words they share" in notes[-1]


async def test_an_index_that_is_being_built_says_so(library):
    library.index.is_whole = False
    assert "still being built" in (await library.find("decoding")).notes[-1]


async def test_about_without_a_model_is_searched_by_its_words_with_a_note(library):
    found = await library.find('about:"speculative decoding"')
    assert found.hits
    assert "model of meaning" in found.notes[-1]
