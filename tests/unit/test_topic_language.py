"""The topic language: what it reads, what it says back, and how it refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadTopic
from bot.model import SourceName
from bot.topics.categories import CATEGORIES, nearest_category, spell_category
from bot.topics.expression import (
    About,
    And,
    AtLeast,
    Author,
    Before,
    Count,
    FromSource,
    Has,
    InCategory,
    Like,
    Linked,
    Not,
    OfType,
    Or,
    Organization,
    Prefix,
    Quantity,
    Regex,
    Since,
    TypeGroup,
    Where,
    Words,
)
from bot.topics.language import EVERYTHING, parse_topic
from bot.topics.rendering import render
from bot.topics.saying import say_topic
from tests.fakes.topics import expressions

pytestmark = pytest.mark.unit


def read(text):
    return parse_topic(text).expression


@pytest.mark.parametrize("text", ["*", " * ", "* OR survey", "(*)"])
def test_a_star_means_everything(text):
    assert parse_topic(text) == EVERYTHING


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("kv-cache", Words(("kv", "cach"))),
        ('"KV cache"', Words(("kv", "cach"))),
        ("quantiz*", Prefix("quantiz")),
        ("/LLa[Mm]A-?\\d/", Regex("LLa[Mm]A-?\\d")),
        ("/a\\/b/", Regex("a/b")),
        ("title:survey", Words(("survey",), Where.TITLE)),
        ("abstract:/x+/", Regex("x+", Where.ABSTRACT)),
        ('author:"Tri Dao"', Author("dao", ("tri",))),
        ('author:"Dao, T."', Author("dao", ("t",))),
        ("author:Dao", Author("dao")),
        ("org:deepmind", Organization(("deepmind",))),
        ("cat:cs.cl", InCategory("cs.CL")),
        ("CS.lg", InCategory("cs.LG")),
        ("cat:cs.*", InCategory("cs")),
        ("cat:cs.CL!", InCategory("cs.CL", primary=True)),
        ("hep-th", InCategory("hep-th")),
        ("source:hf", FromSource(SourceName.HUGGING_FACE)),
        ("type:cross", OfType(TypeGroup.CROSS)),
        ("has:code", Has(Linked.CODE)),
        ("upvotes:>=10", Count(Quantity.UPVOTES, 10)),
        ("stars:>100", Count(Quantity.STARS, 101)),
        ("votes:<3", Count(Quantity.VOTES, None, 2)),
        ("upvotes:10..50", Count(Quantity.UPVOTES, 10, 50)),
        ("upvotes:=3", Count(Quantity.UPVOTES, 3, 3)),
        ("since:2026-01-01", Since(date(2026, 1, 1))),
        ("before:7d", Before(timedelta(days=7))),
        ("like:2402.18789v3", Like("arxiv:2402.18789")),
        ('about:"serving LLMs on small GPUs"', About("serving LLMs on small GPUs")),
    ],
)
def test_each_kind_of_condition_is_read(text, expression):
    assert read(text) == expression


def test_adjacency_binds_tighter_than_or_and_brackets_bind_tightest():
    a, b, c = Words(("a",)), Words(("b",)), Words(("c",))
    assert read("a b OR c") == Or((And((a, b)), c))
    assert read("a AND (b | c)") == And((a, Or((b, c))))
    assert read("a -b NOT c") == And((a, Not(b), Not(c)))
    assert read("a -(b OR c)") == And((a, Not(Or((b, c)))))
    assert read("atleast(2, a, b, c)") == AtLeast(2, (a, b, c))


def test_a_field_holds_for_all_that_stands_in_its_brackets():
    assert read('title:(survey OR "kv cache")') == Or(
        (Words(("survey",), Where.TITLE), Words(("kv", "cach"), Where.TITLE))
    )
    assert read("cat:(cs.CL OR cs.LG)") == Or((InCategory("cs.CL"), InCategory("cs.LG")))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "b AND a"),
        ("a OR b", "b | a"),
        ("-a", "NOT (a)"),
        ("NOT NOT a", "a"),
        ("kv-cache", '"KV  Cache"'),
        ("models", "MODEL"),
        ("cs.CL", "cat:CS.cl"),
        ("((a)) (b c)", "a b c a"),
        ("atleast(1, a, b)", "a OR b"),
        ("atleast(2, a, b)", "b a"),
        ("upvotes:>9", "upvotes:>=10"),
        ("café", "CAFE"),
        ('author:"Dao, Tri"', 'author:"Tri Dao"'),
        ("title:(a b)", "title:b title:a"),
    ],
)
def test_two_spellings_of_one_topic_are_one(one, other):
    assert parse_topic(one) == parse_topic(other)
    assert parse_topic(one).canonical_text == parse_topic(other).canonical_text


@pytest.mark.parametrize(("one", "other"), [("a b", "a OR b"), ("title:a", "a"), ("a -b", "a b"), ("cs.CL", "cs.CL!")])
def test_different_topics_stay_different(one, other):
    assert parse_topic(one) != parse_topic(other)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", 0, "write * for everything"),
        ("  ", 0, "write * for everything"),
        ("athor:dao", 0, "author:"),
        ("x catt:cs.CL", 2, "cat:"),
        ("attention cs.LGG", 10, "cs.LG"),
        ("cat:nonsense", 4, "no arXiv category"),
        ('a "b c', 2, "never closed"),
        ("(a OR b", 0, "never closed"),
        ("a)", 1, "never opened"),
        ("()", 1, "hold nothing"),
        ("a OR", 4, "needs something after it"),
        ("OR a", 0, "before it is none"),
        ("NOT", 3, "needs something after it"),
        ("qu*", 0, "at least 3"),
        ("a*b", 0, "end a word"),
        ("/(a/", 0, "cannot be used"),
        ("/(?=a)b/", 0, "Look-around"),
        ("//", 0, "empty regular expression"),
        ("/a", 0, "never closed"),
        ("since:2026-02-30", 6, "no 2026-02-30 in the calendar"),
        ("since:tomorrow", 6, "is no day"),
        ("upvotes:50..10", 8, "10..50"),
        ("upvotes:many", 8, "is no number"),
        ("has:cod", 4, "has:code"),
        ("source:hff", 7, "source:hf"),
        ("like:abc", 5, "needs a paper"),
        ("atleast(4, a, b)", 0, "from 1 to 2"),
        ("kv cache, mamba", 8, 'Did you mean "kv cache" OR mamba?'),
        ('a, "b"', 1, "OR between words"),
        ("title:(author:x)", 7, "stands inside title:"),
        ("jr:nature", 0, "journal references"),
        ("🤖", 0, "no letter or digit"),
        ("a - b", 2, "stands alone"),
        ("NOT *", 0, "match nothing"),
        ("author:/x/", 7, "takes no regular expression"),
        ("cat:", 0, "needs a value"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(text, position, said):
    with pytest.raises(BadTopic) as refused:
        parse_topic(text)
    assert (refused.value.position, said in refused.value.user_message) == (position, True), refused.value.user_message


def test_limits_are_refused_with_their_numbers():
    with pytest.raises(BadTopic, match="4,000"):
        parse_topic("a" * 4_001)
    with pytest.raises(BadTopic, match="256"):
        parse_topic(" ".join(f"w{number}" for number in range(257)))
    with pytest.raises(BadTopic, match="nested"):
        parse_topic("NOT " * 900 + "a")
    assert len(parse_topic(" OR ".join(f"word{number}" for number in range(256))).atoms) == 256
    assert parse_topic("(" * 1_500 + "a" + ")" * 1_500) == parse_topic("a")


def test_an_unknown_category_is_refused_with_the_nearest():
    assert nearest_category("cs.LGG") in CATEGORIES
    assert spell_category("cs.XX") is None
    assert spell_category("attention") is None
    assert spell_category("stat.*") == "stat"


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ('cat:cs.CL AND abs:"kv cache" ANDNOT ti:survey', 'cs.CL abstract:"kv cache" NOT title:survey'),
        ("cat:cs.CL+AND+abs:%22kv+cache%22", 'cs.CL abstract:"kv cache"'),
        ("search_query=all:electron&start=0&max_results=5", "electron"),
        ("au:del_maestro ANDNOT ti:checkerboard", 'author:"del maestro" NOT title:checkerboard'),
        ("au:dao_t", 'author:"Dao, T"'),
    ],
)
def test_a_query_of_arxivs_own_is_understood_and_what_was_made_of_it_is_said(query, topic):
    made = parse_topic(query)
    assert made == parse_topic(topic)
    assert made.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*", "all papers"),
        (
            '(cs.CL OR cs.LG) ("kv cache" OR "speculative decoding") -survey upvotes:>=10',
            (
                "papers in cs.CL or cs.LG that mention “kv cache” or “speculative decoding”, but not survey; "
                "at least 10 upvotes"
            ),
        ),
        ('author:"Tri Dao" -org:deepmind', "papers that are by Tri Dao, but not from deepmind"),
        ("title:llama has:code", "papers that mention llama in the title and have code linked"),
        ("quantiz* since:7d", "papers that mention a word beginning with quantiz; announced since 7 days ago"),
        ("cs.CL OR agents", "papers that are in cs.CL or mention agents"),
        ("cs.CL!", "papers in cs.CL (as the primary category)"),
        ("-survey", "all papers, but not survey"),
        ("cats or dogs", "papers that mention cats, “or” and dogs"),
    ],
)
def test_a_topic_is_said_back_in_plain_words(text, said):
    assert say_topic(parse_topic(text)) == said


def test_an_operator_in_small_letters_is_a_word_and_that_is_said():
    assert parse_topic("cats or dogs").notes == ("“or” is looked for as a word; the operator is OR, in capitals.",)
    assert read("cats or dogs") == And((Words(("cat",)), Words(("or",)), Words(("dog",))))
    assert parse_topic('"state of and or" -x (a OR b)').notes == ()


def test_a_hundred_words_are_said_in_one_breath():
    said = say_topic(parse_topic(" OR ".join(f"word{number}" for number in range(100))))
    assert said.endswith("word10 or 89 more")


@given(expressions())
def test_every_expression_reads_back_from_its_text(expression):
    text = render(expression)
    topic = parse_topic(text)
    again = parse_topic(topic.canonical_text)
    assert parse_topic(topic.text) == topic == again
    assert again.canonical_text == topic.canonical_text
    assert say_topic(topic)


LISTED = [
    "kv",
    "KV-cache",
    '"kv cache"',
    "cs.CL",
    "cat:cs.lg",
    "math",
    "or",
    "OR",
    "AND",
    "NOT",
    "a.b",
    "é",
    '""',
    "cs.XX",
    "$",
]


@given(st.lists(st.sampled_from(LISTED), min_size=1, max_size=7), st.sampled_from([" ", " OR ", "  "]))
def test_the_short_way_reads_what_the_grammar_reads(terms, between):
    text = between.join(terms)

    def read_with(way):
        try:
            return way()
        except BadTopic as refused:
            return (refused.user_message, refused.position)

    in_brackets = read_with(lambda: parse_topic(f"({text})").expression)
    at_once = read_with(lambda: parse_topic(text).expression)
    if isinstance(at_once, tuple):
        assert isinstance(in_brackets, tuple)
    else:
        assert at_once == in_brackets


PIECES = st.sampled_from([*'ab*-/"()|,: ANDORT.5<=\\[]{}^$é深🤖', "cat:", "title:", " OR ", "atleast(2, "])


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_is_a_topic_or_a_refusal_with_a_place(text):
    topic = refused = None
    try:
        topic = parse_topic(text)
    except BadTopic as error:
        refused = error
    if topic is None:
        assert 0 <= refused.position <= len(text)
        assert refused.user_message
    else:
        assert parse_topic(topic.text) == topic
        assert parse_topic(topic.canonical_text) == topic
