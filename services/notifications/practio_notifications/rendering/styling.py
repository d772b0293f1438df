"""What makes HTML hold in mail programs: styles written into each element, and names that keep to themselves."""

from importlib.resources import files

from css_inline import CSSInliner
from markupsafe import Markup

_SHEET = (files("practio_notifications") / "templates" / "look.css").read_text(encoding="utf-8")
_INLINER = CSSInliner(extra_css=_SHEET, inline_style_tags=False, keep_style_tags=True, load_remote_stylesheets=False)


class UserText(str):
    """What a person typed, within a sentence of ours: in HTML its direction of writing is kept apart from the rest."""

    __slots__ = ()

    def __html__(self) -> Markup:
        """Give it as markup, escaped; Jinja calls this by name."""
        return Markup("<bdi>{}</bdi>").format(str(self))


def styled(html: str) -> str:
    """Give a document with the styles of ``look.css`` in its elements; its own style sheet stays as it is."""
    return _INLINER.inline(html)
