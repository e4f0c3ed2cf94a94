"""Which addresses the server may ask for a picture, and what counts as one."""

import pytest

from adapters.local.pictures import picture_kind
from adapters.local.thumbnails import may_fetch

HOME = "https://huggingface.co"
STAND_IN = "http://127.0.0.1:8001"
REAL = "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2605.00011.png"


@pytest.mark.parametrize(
    ("url", "home"),
    [
        (REAL, HOME),
        ("https://huggingface.co/x.png", HOME),
        ("https://CDN-thumbnails.HuggingFace.co:443/x.png?a=b", HOME),
        ("https://cdn-avatars.hf.co/x.png", HOME),
        (REAL, STAND_IN),
        ("http://127.0.0.1:8001/x.png", STAND_IN),
        ("http://localhost:8001/x.png", "http://localhost:8001"),
        ("https://mirror.example:8443/x.png", "https://mirror.example:8443/api"),
    ],
)
def test_hugging_face_and_the_configured_origin_may_be_asked(url, home):
    assert may_fetch(url, home)


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("http://cdn-thumbnails.huggingface.co/x.png", HOME),
        ("https://cdn-thumbnails.huggingface.co:8443/x.png", HOME),
        ("https://evil.example/x.png", HOME),
        ("https://nothuggingface.co/x.png", HOME),
        ("https://huggingface.co.evil.example/x.png", HOME),
        ("https://evil.example/huggingface.co/x.png", HOME),
        ("https://huggingface.co@evil.example/x.png", HOME),
        ("https://evil.example\\@huggingface.co/x.png", HOME),
        ("https://me:secret@huggingface.co/x.png", HOME),
        ("https://huggingfаce.co/x.png", HOME),  # a Cyrillic letter
        ("https://huggingface。co/x.png", HOME),
        ("https://127.0.0.1/x.png", HOME),
        ("http://127.0.0.1:8001/x.png", HOME),
        ("http://127.0.0.1:8002/x.png", STAND_IN),
        ("http://localhost:8001/x.png", STAND_IN),
        ("https://169.254.169.254/latest/meta-data", HOME),
        ("https://[::1]/x.png", HOME),
        ("http://mirror.lan/x.png", "http://mirror.lan"),
        ("http://10.0.0.5/x.png", "http://10.0.0.5"),
        ("file:///etc/passwd", HOME),
        ("data:image/png;base64,AAAA", HOME),
        ("//huggingface.co/x.png", HOME),
        ("huggingface.co/x.png", HOME),
        ("https://huggingface.co:99999/x.png", HOME),
        ("https://[", HOME),
        ("https://huggingface.co/\nx.png", HOME),
        ("https://huggingface.co/" + "x" * 2_000, HOME),
        ("", HOME),
    ],
)
def test_nobody_else_is_asked(url, home):
    assert not may_fetch(url, home)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"GIF87a....", "image/gif"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<!doctype html>", None),
        (b" \x89PNG\r\n\x1a\n", None),
        (b"\x89PN", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content, kind):
    assert picture_kind(content) == kind
