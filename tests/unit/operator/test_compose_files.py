"""What Docker Compose would refuse before it starts anything."""

from pathlib import Path
from typing import Any

import yaml
from tests.support.every_case import every_case

DEPLOY = Path(__file__).parents[3] / "deploy"
FILES = sorted(DEPLOY.rglob("compose*.yaml"))


class Strict(yaml.SafeLoader):
    """A loader that knows the tags of Compose, and takes no key of a mapping twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping. Raise ValueError if it has a key twice."""
        keys = [each.value for each, _ in node.value]
        if doubled := {each for each in keys if keys.count(each) > 1 and each != "<<"}:
            raise ValueError(f"{sorted(doubled)} twice, {node.start_mark}")
        return dict(super().construct_mapping(node, deep))


Strict.add_multi_constructor("!", lambda loader, suffix, node: None)


@every_case("file", FILES, ids=lambda file: str(file.relative_to(DEPLOY)))
def test_no_key_is_there_twice(file: Path) -> None:
    yaml.load(file.read_text(encoding="utf-8"), Loader=Strict)
