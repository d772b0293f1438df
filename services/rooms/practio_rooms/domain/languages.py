"""The dictionary in which a language's words are looked up: PostgreSQL's own if it has one, else ``simple``.

Source: PostgreSQL's text search configurations (versions 15 to 17 have the same).
"""

SIMPLE = "simple"
"""The dictionary that takes words as they are written, in folded case."""

_BY_LANGUAGE = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

DICTIONARIES = (SIMPLE, *sorted(set(_BY_LANGUAGE.values())))


def dictionary_of(language: str) -> str:
    """Return the dictionary of a BCP 47 tag; region and script do not matter."""
    return _BY_LANGUAGE.get(language.partition("-")[0].lower(), SIMPLE)
