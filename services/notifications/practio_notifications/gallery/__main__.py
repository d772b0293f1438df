"""``python -m practio_notifications.gallery FOLDER``: writes the gallery, naming each letter as it is written."""

import argparse
from pathlib import Path

from practio_notifications.gallery.rendering import wanted, write
from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.wording import CATALOGUES


def main() -> None:
    """Run the command line; a fault is one sentence and a non-zero exit."""
    parser = argparse.ArgumentParser(
        prog="python -m practio_notifications.gallery",
        description="Write letters of a made-up community into a folder, as HTML and text, to be read.",
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", action="append", default=[], choices=sorted(KIND), metavar="KIND")
    parser.add_argument("--language", action="append", default=[], choices=sorted(CATALOGUES.languages), metavar="CODE")
    arguments = parser.parse_args()
    letters = wanted(arguments.kind, arguments.language)
    try:
        for number, shown in enumerate(write(arguments.folder, letters), start=1):
            print(f"{number}/{len(letters)} {shown.path}", flush=True)
    except OSError as error:
        parser.exit(1, f"{arguments.folder} cannot be written to: {error.strerror}\n")


main()
