"""The templates of letters, in the environment of a language and a form."""

from enum import StrEnum
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, nodes

from practio_chassis.rendering.templates import CompiledOnce, install_translations
from practio_contracts.membership import HAS_SEAT_ELSEWHERE
from practio_notifications.rendering.wording import CATALOGUES, flowing


class Look(StrEnum):
    """The two forms of every letter."""

    TEXT = "text"
    HTML = "html"


_COMPILED = {look: CompiledOnce() for look in Look}


def parsed(name: str) -> nodes.Template:
    """Return a template's tree, named by its file."""
    environment = environment_of("en", Look.TEXT)
    assert environment.loader is not None
    return environment.parse(environment.loader.get_source(environment, name)[0])


def template_of(name: str, language: str, look: Look) -> Template:
    """Return a template by the name of its kind of letter."""
    return environment_of(language, look).get_template(f"{name}.jinja")


@cache
def environment_of(language: str, look: Look) -> Environment:
    """Make the templates' surroundings: HTML escapes whatever is put in, text has nothing to escape."""
    environment = Environment(
        loader=PackageLoader("practio_notifications"),
        extensions=["jinja2.ext.i18n"],
        autoescape=look is Look.HTML,
        undefined=StrictUndefined,
        auto_reload=False,
        bytecode_cache=_COMPILED[look],
        lstrip_blocks=True,
    )
    install_translations(environment, CATALOGUES.translations(language))
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters["flowing"] = flowing
    environment.globals["layout"] = f"layout.{look}.jinja"
    environment.globals["look"] = environment.get_template(f"look.{look}.jinja").module
    environment.globals["has_seat_elsewhere"] = HAS_SEAT_ELSEWHERE
    environment.globals["roles"] = environment.get_template("roles.jinja").module
    environment.globals["signs_of_quiet"] = environment.get_template("signs.jinja").module
    return environment
