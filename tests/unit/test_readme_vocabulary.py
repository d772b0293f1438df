"""READMEs and descriptions of distributions keep to the vocabulary."""

import re

from tests.support.kept import text_of
from tests.unit.vocabulary import FOLDERS, ROOT, old_phrases_in, retired_in

PROSE = ("README.md", "CONTRIBUTING.md", "contracts/*.md", "deploy/**/*.md", "services/*/README.md", "tests/README.md")
"""What people read besides the code; the changelog names what was."""

CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
"""Code in Markdown: names on the wire keep their old words."""


def test_readmes_and_descriptions_use_no_retired_word() -> None:
    pages = {path for pattern in PROSE for path in ROOT.glob(pattern)}
    texts = {path: CODE.sub(lambda code: "\n" * code[0].count("\n"), text_of(path)) for path in pages}
    for folder in (".", *FOLDERS, "deploy/operator"):
        for path in (ROOT / folder).glob("pyproject.toml"):
            texts[path] = "\n".join(re.findall(r"(?m)^(?:description|name) = .*|#.*", text_of(path)))
    found = [
        f"{path.relative_to(ROOT)}:{line}: {', '.join(sorted(words))}"
        for path, text in sorted(texts.items())
        for line, each in enumerate(text.splitlines(), 1)
        if (words := retired_in(each) | old_phrases_in(each))
    ]
    assert not found, f"{len(found)} uses, see contracts/GLOSSARY.md:\n" + "\n".join(found)
