from dataclasses import replace
from datetime import date, timedelta

from bot.identity import doi_paper_id, title_paper_id
from bot.merging import Known, keys_of, merge
from bot.model import Facts, Origin, SourceName
from tests.fakes.clock import MONDAY
from tests.fakes.vocabulary import announcement, listing


class Shelf:
    """What a store would know, kept in dicts."""

    def __init__(self):
        self.papers, self.aliases, self.lists = {}, {}, {}

    def take(self, *listings, **changes):
        found = announcement(*listings, **changes)
        keys, titles = keys_of(listings)
        listed = self.lists.setdefault((found.source, found.announced_on), set())
        known = Known(
            by_key={key: self.papers[self.aliases[key]] for key in keys if key in self.aliases},
            by_title={t: [p for p in self.papers.values() if p.title_key == t] for t in titles},
            listed=listed,
        )
        result = merge(found, known)
        for old in result.rekeyed:
            self.papers.pop(old, None)
            self.aliases = {key: result.rekeyed.get(to, to) for key, to in self.aliases.items()}
        self.papers |= result.papers
        self.aliases |= result.aliases
        listed.update(said.paper_id for said in result.said)
        return result


NEXT_DAY = {"announced_on": date(2026, 5, 12), "fetched_at": MONDAY + timedelta(days=1)}
ARXIV = {"source": SourceName.ARXIV}


def test_both_sources_and_two_days_make_one_row_that_keeps_what_each_said():
    shelf = Shelf()
    shelf.take(listing(1, facts=Facts(upvotes=5, ai_summary="Short.")))
    shelf.take(listing(1, categories=("cs.CL",), version=2), **ARXIV, **NEXT_DAY)
    (paper,) = shelf.papers.values()
    assert paper.sources == (SourceName.HUGGING_FACE, SourceName.ARXIV)
    assert (paper.facts.upvotes, paper.facts.ai_summary, paper.categories, paper.version) == (
        5,
        "Short.",
        ("cs.CL",),
        2,
    )
    assert paper.announced_on == date(2026, 5, 11)


def test_a_reupload_under_a_new_id_joins_the_work_it_is():
    shelf = Shelf()
    shelf.take(listing(1, "Attention is all we need"))
    result = shelf.take(listing(2, "Attention Is All We Need!"), **NEXT_DAY)
    assert list(shelf.papers) == ["arxiv:2605.00001"]
    assert shelf.aliases["arxiv:2605.00002"] == "arxiv:2605.00001"
    assert (result.new, result.merged) == (0, 1)


def test_one_title_by_other_authors_is_another_work():
    shelf = Shelf()
    shelf.take(listing(1, "Attention is all we need"))
    shelf.take(listing(2, "Attention is all we need", authors=("Grace Hopper",)), **NEXT_DAY)
    assert len(shelf.papers) == 2


def test_two_ids_in_one_list_are_two_works_even_when_the_list_grew_in_between():
    shelf = Shelf()
    shelf.take(listing(1, "A good paper"))
    shelf.take(listing(1, "A good paper"), listing(2, "A good paper"))
    assert len(shelf.papers) == 2


def test_a_series_under_one_title_with_other_abstracts_is_two_works():
    shelf = Shelf()
    shelf.take(
        listing(1, "Lectures on quantum groups", abstract="We treat the representation theory of affine algebras.")
    )
    other = listing(
        2, "Lectures on quantum groups", abstract="Knot polynomials, braids and statistical mechanics here."
    )
    shelf.take(other, **NEXT_DAY)
    assert len(shelf.papers) == 2


def test_short_titles_prove_nothing():
    shelf = Shelf()
    shelf.take(listing(1, "Quantum walks"))
    shelf.take(listing(2, "Quantum walks"), **NEXT_DAY)
    assert len(shelf.papers) == 2


def test_a_doi_joins_a_paper_with_its_preprint_and_the_better_id_wins():
    shelf = Shelf()
    doi = "10.1000/xyz"
    shelf.take(listing(doi_paper_id(doi), "On the matter of things", doi=doi), source=SourceName.FILE)
    shelf.take(listing(1, "On the matter of certain things", doi=doi), **NEXT_DAY)
    assert list(shelf.papers) == ["arxiv:2605.00001"]
    assert shelf.aliases[doi_paper_id(doi)] == "arxiv:2605.00001"


def test_a_paper_known_by_title_alone_gets_its_arxiv_id_when_that_comes():
    shelf = Shelf()
    nameless = listing(title_paper_id("On the matter of things"), "On the matter of things", authors=(), abstract="")
    shelf.take(nameless, source=SourceName.FILE)
    result = shelf.take(listing(1, "On the matter of things"), **NEXT_DAY)
    assert list(shelf.papers) == ["arxiv:2605.00001"]
    assert result.rekeyed == {nameless.id: "arxiv:2605.00001"}
    assert shelf.papers["arxiv:2605.00001"].abstract


def test_an_older_recording_fills_gaps_but_overrules_nothing():
    shelf = Shelf()
    shelf.take(listing(1, "The newest title of all", facts=Facts(upvotes=50)))
    old = {"announced_on": date(2026, 5, 1), "fetched_at": MONDAY - timedelta(days=10), "origin": Origin.REPLAY}
    shelf.take(listing(1, "An early working title", facts=Facts(upvotes=3, stars=12)), **old)
    (paper,) = shelf.papers.values()
    assert (paper.title, paper.facts.upvotes, paper.facts.stars) == ("The newest title of all", 50, 12)
    assert paper.announced_on == date(2026, 5, 1)


def test_zero_votes_are_a_count_and_not_a_silence():
    shelf = Shelf()
    shelf.take(listing(1, facts=Facts(upvotes=3)))
    shelf.take(listing(1, facts=Facts(upvotes=0)), **NEXT_DAY)
    assert shelf.papers["arxiv:2605.00001"].facts.upvotes == 0


def test_arxivs_own_words_stand_over_those_of_others():
    shelf = Shelf()
    shelf.take(listing(1, "The title as arXiv has it"), **ARXIV)
    shelf.take(listing(1, "The title, as retyped by somebody"), **NEXT_DAY)
    assert shelf.papers["arxiv:2605.00001"].title == "The title as arXiv has it"


def test_taking_the_same_list_twice_changes_nothing():
    shelf = Shelf()
    listings = [listing(number) for number in range(5)]
    shelf.take(*listings)
    before = dict(shelf.papers)
    result = shelf.take(*listings)
    assert shelf.papers == before
    assert result.new == 0


def test_a_work_that_moves_to_a_better_id_inside_one_list_takes_its_mentions_along():
    shelf = Shelf()
    doi = "10.1000/abc"
    result = shelf.take(
        listing(doi_paper_id(doi), "One thing said", doi=doi), replace(listing(1, "One thing said"), doi=doi)
    )
    assert {said.paper_id for said in result.said} == {"arxiv:2605.00001"}
    assert set(result.aliases.values()) == {"arxiv:2605.00001"}


def test_a_work_that_moves_twice_inside_one_list_ends_at_its_best_id():
    shelf, doi, title = Shelf(), "10.1000/abc", "On the chain of better names"
    nameless = listing(title_paper_id(title), title, authors=(), abstract="")
    shelf.take(nameless, source=SourceName.FILE)
    result = shelf.take(listing(doi_paper_id(doi), title, doi=doi), listing(1, "Renamed in print", doi=doi), **NEXT_DAY)
    assert list(shelf.papers) == ["arxiv:2605.00001"]
    assert set(result.aliases.values()) == set(result.rekeyed.values()) == {"arxiv:2605.00001"}
    assert {said.paper_id for said in result.said} == {"arxiv:2605.00001"}


def test_one_doi_on_two_preprints_does_not_make_them_one_work():
    shelf, doi = Shelf(), "10.1000/volume"
    shelf.take(listing(1, "The first of its kind", doi=doi), listing(2, "Another thing altogether", doi=doi))
    shelf.take(listing(3, "A third matter entirely", doi=doi), **NEXT_DAY)
    assert set(shelf.papers) == {"arxiv:2605.00001", "arxiv:2605.00002", "arxiv:2605.00003"}
    assert shelf.aliases[doi_paper_id(doi)] == "arxiv:2605.00001"


def test_a_field_that_holds_no_doi_joins_nothing():
    shelf = Shelf()
    shelf.take(listing(1, "The first of its kind", doi="N/A"), listing(2, "Another thing altogether", doi="N/A"))
    assert len(shelf.papers) == 2
    assert not [key for key in shelf.aliases if key.startswith("doi:")]
