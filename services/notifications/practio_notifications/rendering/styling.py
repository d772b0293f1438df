"""HTML for mail programs: styles inlined into each element, and isolated text direction for names."""

from importlib.resources import files

from css_inline import CSSInliner
from markupsafe import Markup

_SHEET = (files("practio_notifications") / "templates" / "look.css").read_text(encoding="utf-8")
_INLINER = CSSInliner(extra_css=_SHEET, inline_style_tags=False, keep_style_tags=True, load_remote_stylesheets=False)


class UserText(str):
    """Text that a person typed, within our sentences: in HTML its text direction is isolated."""

    __slots__ = ()

    def __html__(self) -> Markup:
        """Return it as escaped markup; Jinja calls this by name."""
        return Markup("<bdi>{}</bdi>").format(str(self))


def styled(html: str) -> str:
    """Return a document with the styles of ``look.css`` inlined; its own style sheet stays as it is."""
    return _INLINER.inline(html)
