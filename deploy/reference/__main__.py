"""``python -m deploy.reference``: writes ``contracts/site/index.html``."""

from collections.abc import Sequence
from pathlib import Path

from deploy.reference.messages import CONTRACTS, DescribedMessage, by_owner, described
from jinja2 import Environment, FileSystemLoader, StrictUndefined

SITE = CONTRACTS / "site"


def page(messages: Sequence[DescribedMessage]) -> str:
    """Return the page as HTML without external references: no script, no font, no picture."""
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (folder / "style.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.jinja").render(owners=by_owner(messages), style=style)


def main() -> None:
    """Write the page and print its path."""
    SITE.mkdir(exist_ok=True)
    (SITE / "index.html").write_text(page(described()), encoding="utf-8")
    print(f"docs: {SITE.relative_to(CONTRACTS.parent)}/index.html")


if __name__ == "__main__":
    main()
