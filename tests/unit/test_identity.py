"""One work, one id: what people paste is read or refused with a helpful sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadReference
from bot.identity import (
    abstract_url,
    alphaxiv_url,
    arxiv_paper_id,
    bare_arxiv_id,
    canonical_arxiv_id,
    doi_paper_id,
    hugging_face_url,
    parse_reference,
    pdf_url,
    title_paper_id,
)


@pytest.mark.parametrize(
    "text",
    [
        "2402.18789",
        " 2402.18789v3 ",
        "arXiv:2402.18789",
        "ARXIV:2402.18789V2",
        "arxiv.org/abs/2402.18789",
        "https://arxiv.org/abs/2402.18789v1",
        "http://www.arxiv.org/pdf/2402.18789v2.pdf",
        "https://arxiv.org/html/2402.18789/",
        "https://ARXIV.org/abs/2402.18789?context=cs#page=2",
        "https://export.arxiv.org/abs/2402.18789",
        "https://ar5iv.labs.arxiv.org/html/2402.18789",
        "https://huggingface.co/papers/2402.18789",
        "hf.co/papers/2402.18789",
        "https://alphaxiv.org/abs/2402.18789",
        "https://www.alphaxiv.org/overview/2402.18789v1",
        "10.48550/arXiv.2402.18789",
        "https://doi.org/10.48550/arXiv.2402.18789",
    ],
)
def test_all_forms_of_an_arxiv_reference_give_one_id(text):
    assert parse_reference(text) == "arxiv:2402.18789"


@pytest.mark.parametrize(
    ("text", "paper_id"),
    [
        ("hep-th/9901001", "arxiv:hep-th/9901001"),
        ("math.GT/0309136v2", "arxiv:math/0309136"),
        ("https://arxiv.org/abs/math-ph/0309136", "arxiv:math-ph/0309136"),
        ("https://arxiv.org/pdf/cs.CL/0601001v1", "arxiv:cs/0601001"),
        ("0706.0001", "arxiv:0706.0001"),
        ("10.1145/3292500.3330701", "doi:10.1145/3292500.3330701"),
        ("doi:10.1103/PhysRevLett.123.456", "doi:10.1103/physrevlett.123.456"),
        ("https://dx.doi.org/10.1000/A%3C1%3E", "doi:10.1000/a<1>"),
    ],
)
def test_old_ids_and_dois_are_read(text, paper_id):
    assert parse_reference(text) == paper_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "attention is all you need",
        "2413.12345",
        "2400.12345",
        "1501.1234",
        "1412.12345",
        "0703.0001",
        "2402.00000",
        "2402.18789v0",
        "２４０２.18789",
        "hep-th/0704001",
        "hep-th/9106001",
        "hep-th/9913001",
        "hep-xx/9901001",
        "10.1/x",
        "https://doi.org/10.1000/a%0d%0ab",
        "https://arxiv.org/abs/2402.18789%0d%0aX:1",
        "https://arxiv.org/abs/2402.18789?x=%0a",
        "https://arxiv.org/abs/2402.18789\u202e",
        "https://arxiv.org/abs/ 2402.18789",
        "https://arxiv.org:443/abs/2402.18789",
        "https://user@arxiv.org/abs/2402.18789",
        "https://arxiv.org@127.0.0.1/abs/2402.18789",
        "http://127.0.0.1\\@arxiv.org/abs/2402.18789",
        "https://arxiv.org.evil.example/abs/2402.18789",
        "https://evil.example/arxiv.org/abs/2402.18789",
        "https://evilarxiv.org/abs/2402.18789",
        "https://arxiv.org./abs/2402.18789",
        "https://\u0430rxiv.org/abs/2402.18789",
        "https://xn--rxiv-73d.org/abs/2402.18789",
        "//arxiv.org/abs/2402.18789",
        "ftp://arxiv.org/abs/2402.18789",
        "javascript:arxiv.org/abs/2402.18789",
        "https://arxiv.org/list/cs.CL",
        "https://arxiv.org/abs/../abs/2402.18789",
        "https://huggingface.co/models/2402.18789",
        "<https://arxiv.org/abs/2402.18789>",
        "title:short",
        "x" * 100_000,
    ],
)
def test_what_names_no_paper_is_refused_with_what_is_accepted(text):
    with pytest.raises(BadReference, match=r"2402\.18789"):
        parse_reference(text)


def test_a_version_is_told_apart_from_the_id():
    assert canonical_arxiv_id("arXiv:2402.18789v12") == ("2402.18789", 12)
    assert canonical_arxiv_id("math.GT/0309136") == ("math/0309136", None)
    with pytest.raises(ValueError, match="not an arXiv id"):
        canonical_arxiv_id("2402.1")


def test_dois_of_sources_are_taken_as_they_come():
    assert doi_paper_id("https://doi.org/10.1000/ABC") == "doi:10.1000/abc"
    assert doi_paper_id("10.1000/a 10.1000/b") == "doi:10.1000/a"
    assert doi_paper_id("10.48550/arXiv.2402.18789v2") == "arxiv:2402.18789"
    assert doi_paper_id("10.48550/arXiv.dataset") == "doi:10.48550/arxiv.dataset"
    assert doi_paper_id(" ") == "doi:"


def test_a_title_id_is_short_and_the_same_for_twins():
    assert title_paper_id("KV-Cache!") == title_paper_id("kv cache")
    assert title_paper_id("KV-Cache") != title_paper_id("KV-Caches")
    assert len(title_paper_id("x" * 1_000_000)) == 32


def test_links_lead_to_the_sites():
    paper = arxiv_paper_id("2402.18789v2")
    assert bare_arxiv_id(paper) == "2402.18789"
    assert abstract_url(paper) == "https://arxiv.org/abs/2402.18789"
    assert pdf_url(paper) == "https://arxiv.org/pdf/2402.18789"
    assert hugging_face_url(paper) == "https://huggingface.co/papers/2402.18789"
    assert alphaxiv_url(paper) == "https://www.alphaxiv.org/abs/2402.18789"


def test_papers_elsewhere_have_only_the_links_they_can_have():
    paper = doi_paper_id("10.1000/a<1>|b")
    assert abstract_url(paper) == "https://doi.org/10.1000/a%3C1%3E%7Cb"
    assert abstract_url(title_paper_id("x")) == ""
    assert pdf_url(paper) is hugging_face_url(paper) is alphaxiv_url(paper) is bare_arxiv_id(paper) is None


new_ids = st.builds(
    "{:02}{:02}.{:05}".format, st.integers(15, 99), st.integers(1, 12), st.integers(1, 99_999)
) | st.builds("{:02}{:02}.{:04}".format, st.integers(8, 14), st.integers(1, 12), st.integers(1, 9_999))
old_ids = st.builds(
    "{}/{:02}{:02}{:03}".format,
    st.sampled_from(["hep-th", "math", "math-ph", "q-bio", "cs"]),
    st.sampled_from([92, 99, 0, 6]),
    st.integers(1, 12),
    st.integers(1, 999),
)


@given(new_ids | old_ids)
def test_an_id_and_its_links_lead_back_to_the_paper(bare):
    paper = parse_reference(bare)
    assert bare_arxiv_id(paper) == bare
    for text in (paper, abstract_url(paper), pdf_url(paper), hugging_face_url(paper), alphaxiv_url(paper)):
        assert parse_reference(text) == paper


@given(st.from_regex(r"10\.[0-9]{4,9}/[!-\[\]-~]{1,40}", fullmatch=True))
def test_a_doi_and_its_link_lead_back_to_the_work(doi):
    paper = doi_paper_id(doi)
    assert parse_reference(paper) == paper
    if "%" not in doi:
        assert parse_reference(abstract_url(paper)) == paper


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        paper = parse_reference(text)
    except BadReference:
        return
    assert parse_reference(paper) == paper


def test_a_title_id_leads_back_to_itself():
    assert parse_reference(title_paper_id("Attention")) == title_paper_id("Attention")
