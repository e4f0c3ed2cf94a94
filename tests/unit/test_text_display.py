"""The display form: TeX, HTML and Unicode from sources become what a person would write."""

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.text.display import MAX_CHARACTERS, display_text
from bot.text.macros import ACCENTS, ARGUMENTS, FONTS, SPACES, SWITCHES
from bot.text.symbols import symbols

PIECES = [
    *"\\${}<>&^_~`'\"[]()#;%-= .,:x1Aé²α",
    "\\alpha", "\\emph{", "\\'", "\\frac", "\\foo{", "$$", "\\(", "\\)", "\\[", "\\]", "<i>", "</i>", "<sup>", "</sup>",
    "<p>", "</p>", "<br>", "&#956;", "&#36;", "&amp;", "``", "''", "\\begin{equation}", "\\end{equation}", "{\\bf ",
    "\u200d", "\u0301", "\u202e", "\ufe0f", "\u200c", "👩", "م", "\ud800", "\n", "\\textcolor{", "\\sqrt[3]", "\\hat",
    "\\mathbb{R}", "\\item", "\\text{", "\\left", "\\log", "&#x", "\\_", "\\$", "\\{", "\uac00", "\u1100", "\u1161",
]  # fmt: skip
markup = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("M$^3$ViT", "M³ViT"),
        (r"$\tau^2$-bench", "τ²-bench"),
        ("R$^{2}$D$^{2}$", "R²D²"),
        (r"$x_{0.5}$ and $a^{b_c}$", "x_(0.5) and a^(b_c)"),
        (r"$x_{n+1}$, $10^{-3}$", "xₙ₊₁, 10⁻³"),
        (r"$C^*$-algebras, $f^\prime$, $90^\circ$", "C*-algebras, f′, 90°"),
        ("VLM^2-Bench in O(n^2)", "VLM²-Bench in O(n²)"),
        ("scales as T^1/2", "scales as T^1/2"),
        ("T_{c} of G_{stack}", "T_c of G_(stack)"),
        (r"\textsuperscript{3}He, H\textsubscript{2}O", "³He, H₂O"),
        (r"${}^{3}He$", "³He"),
        ("10<sup>-3</sup> of H<sub>2</sub>O", "10⁻³ of H₂O"),
    ],
)
def test_superscripts_and_subscripts_become_unicode_or_stay_legible(typed, shown):
    assert display_text(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (r"Schr\"odinger", "Schrödinger"),
        (r"Schr{\"o}dinger and Schr\"{o}dinger", "Schrödinger and Schrödinger"),
        (r"Fern\'andez", "Fernández"),
        (r"S\o rensen, St{\o}rmer", "Sørensen, Størmer"),
        (r"\v{S}koda \v Skoda Ia\c{s}i", "Škoda Škoda Iaşi"),
        (r"Garc\'{\i}a, Garc\'\i a", "García, García"),
        (r"Erd\H{o}s", "Erdős"),
        (r"It\^o", "Itô"),
    ],
)
def test_tex_accents_become_letters(typed, shown):
    assert display_text(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (r"$\mathcal{O}(n \log n)$ attention", "O(n log n) attention"),
        (r"$n\log n$ and $\log_2 n$", "n log n and log₂ n"),
        (r"$x\leq 2\times y$", "x ≤ 2 × y"),
        (r"$\frac{a+b}{2}$ or $\frac12$", "(a+b)/2 or 1/2"),
        (r"$\sqrt{2}$, $\sqrt[3]{x+1}$", "√2, ³√(x+1)"),
        (r"$\tilde{O}(n)$, $\hat x$, $\bar\nu$", "Õ(n), x̂, ν̄"),
        (r"$x \in \mathbb{R}^d$", "x ∈ ℝᵈ"),
        (r"$\left( x \right)$", "(x)"),
        (r"$\text{if } x \neq y$", "if x ≠ y"),
        (r"$x \not\in A$", "x ∉ A"),
        (r"$$\sum_{i=1}^{n} x_i$$", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\(a_1\) and \[b^2\]", "a₁ and b²"),
        (r"\begin{equation} a = b \end{equation}", "a = b"),
        (r"$\sim$22K, $≈$1 AU, ($×$4)", "∼22K, ≈1 AU, (×4)"),
        (r"with $ n $ items", "with n items"),
        (r"$G_{\wir}^{(1)}(x-y)$", r"G_(\wir)⁽¹⁾(x-y)"),
    ],
)
def test_formulas_become_legible(typed, shown):
    assert display_text(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (r"\emph{very \textbf{bold}} and {\it old}", "very bold and old"),
        (r"\textbf{K}nowledge", "Knowledge"),
        (r"\textcolor{red}{x} and \href{https://example.org}{code}", "x and code"),
        (r"\url{https://example.org/a_b}", "https://example.org/a_b"),
        (r"as in \cite{smith2020}", "as in [smith2020]"),
        (r"50\% of R\&D at \$5", "50% of R&D at $5"),
        ("``quoted'' words", "“quoted” words"),
        ("Fig.~1 at 2.5~Hz", "Fig. 1 at 2.5 Hz"),
        (r"HIF-1{\alpha} and \alpha-divergences & \beta", "HIF-1α and α-divergences & β"),
        ("<i>E. coli</i><br><b>bold</b>", "E. coli bold"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("<jats:p>One</jats:p>", "One"),
        ("&#956;-opioid &#64258;ow", "μ-opioid ﬂow"),
    ],
)
def test_markup_goes_and_its_text_stays(typed, shown):
    assert display_text(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "50% of them cost $5",
        "from $5 to $10, or $6 or US$ 7",
        "$HOME/$USER and $5 for x_1 and $y",
        "snake_case_names and __dunder__",
        "~/.bashrc ~approx~ ~~strike~~ ~96%",
        "~tie~ and -- en --- em",
        "Unbalanced $ math",
        "Trailing backslash \\",
        r"\input{/etc/passwd}\write18{id}",
        r"\ours{} beats \method",
        "{BERT}: braces } {",
        "<T> if a<b && b>c",
        "<think>, <div>, <script>1</script>, <!channel>",
        "<s>tokens</s> and <i>never closed",
        '<a href="https://example.org">x</a> <b class="x">y</b>',
        "&amp; already &nbsp;&copy;",
        "<!date^1392734382^{date_short}^https://evil.example/|click>",
        "*_~`|<>&\\[](){}#+-.!@^$%:;\"'/?=,",
        "＠everyone ① ½ ² Ⅻ ﬁne ｌａｒｇｅ",
        "𝕋𝕙𝕖 𝓶𝓪𝓽𝓱 🇺🇸 基于变换器 ภาษาไทย 대규모",
        "👩‍👩‍👧‍👦 family ❤️‍🔥",
        "undefined NaN False",
    ],
)
def test_what_is_no_markup_stays_as_typed(typed):
    assert display_text(typed) == typed


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (" a\tb\r\nc\u2028d\u00a0e ", "a b c d e"),
        ("Title \u202egnp.exe\u2066", "Title gnp.exe"),
        ("Z\u200be\u200br\u200bo soft\u00adhyphen", "Zero softhyphen"),
        ("\ud800 lone \udfff", "lone"),
        ("\ud83d\ude00", "😀"),
        ("a\x00b\x1b[31m\x9f", "ab[31m"),
        ("x\U000e0041\U000e0042y", "xy"),
        ("Cafe\u0301", "Café"),
        ("a\u200db", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("😀\ufe00\ufe01\ufe02\U000e0100", "😀\ufe00"),
    ],
)
def test_invisible_and_control_characters_are_removed(typed, shown):
    assert display_text(typed) == shown


def test_at_most_eight_marks_stand_on_a_base():
    assert display_text("e" + "\u0301" * 1000 + "x") == "é" + "\u0301" * 7 + "x"


@pytest.mark.parametrize("typed", ["", "\n\n", "\u3164", "\u200b\u2060", "\u2800\u2800", "\u0301", "<i></i>", "\ufeff"])
def test_a_text_that_shows_nothing_is_empty(typed):
    assert display_text(typed) == ""


@pytest.mark.parametrize(
    ("raw", "shown"), [(3.5, "3.5"), (42, "42"), (None, ""), (True, ""), ([], ""), ({"a": 1}, ""), (b"x", "")]
)
def test_numbers_give_their_digits_and_other_values_nothing(raw, shown):
    assert display_text(raw) == shown


@given(markup)
@example("\\$x\\$")
@example("&#36;x&#36;")
@example("$\\_{a}$")
@settings(max_examples=300, deadline=None)
def test_doing_it_twice_changes_nothing(typed):
    once = display_text(typed)
    assert display_text(once) == once


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_one_clean_line(typed):
    shown = display_text(typed)
    assert display_text(shown) == shown
    assert shown == " ".join(shown.split()) == unicodedata.normalize("NFC", shown)
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in shown)


@pytest.mark.parametrize(
    "typed",
    [
        "A" * 1_000_000,
        "a" + "\u202e" * 10_000,
        "a" + "\n" * 10_000 + "b",
        "<div>" * 20_000,
        "<i>" * 20_000,
        "<sup>" * 3_000 + "</sup>" * 3_000,
        "{" * 20_000,
        "{\\bf " * 4_000,
        "\\emph{" * 3_000 + "}" * 3_000,
        "\\'{" * 5_000 + "}" * 5_000,
        "$" * 20_000,
        "${$x" * 5_000,
        "\\({" * 7_000 + "\\)",
        "$" + "\\hat" * 4_000 + "$",
        "\\frac" * 4_000,
        "\\begin{equation}{" * 1_000 + "\\end{equation}",
        "x" + "\u0315\u0301" * 10_000,
        "$" + "₀" * 1_000 + "\\frac{" + "₀" * 900 + "+}{2}$",
        "``" * 10_000,
        "a^{" * 6_000 + "}" * 6_000,
        "~" * 20_000,
        "&#" * 10_000,
        "$a " + "and so " * 280 + "$",
    ],
    ids=lambda typed: repr(typed[:12]),
)
def test_hostile_sizes_cost_little(typed):
    began = time.perf_counter()
    shown = display_text(typed)
    assert time.perf_counter() - began < 0.5
    assert len(shown) <= MAX_CHARACTERS


def test_no_macro_stands_in_two_tables():
    tables = [FONTS, SWITCHES, ACCENTS, SPACES, ARGUMENTS, symbols()]
    assert sum(len(table) for table in tables) == len(set().union(*tables))
