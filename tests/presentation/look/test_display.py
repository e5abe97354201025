"""What a notebook shows of a head, and a page has on its own."""

from reportlib.presentation.look import display
from reportlib.presentation.look.head import headline


def test_a_title_stands_above_a_head_in_jupyterlab_and_a_page_has_its_own(monkeypatch):
    shown = headline("Coupons <b>", ["4 of 10 came back."], subtitle="2 & 3")
    assert "<h2" not in shown._repr_mimebundle_()["text/html"]
    monkeypatch.setattr(display, "has_front_end", lambda: True)
    html = shown._repr_mimebundle_()["text/html"]
    assert '<h2 class="title"><bdi>Coupons &lt;b&gt;</bdi></h2><p class="base">2 &amp; 3</p>' in html
    assert html.index("Coupons &lt;b&gt;") < html.index("4 of 10 came back.")
