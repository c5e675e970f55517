"""Fetch every asset and build every data set: `make data`, or `python -m helpers.datasets`."""

import sys

from helpers.datasets.assets import ASSETS, AssetError, fetch


def main() -> int:
    """Build what is missing; 0 if all is there, 1 with the reason otherwise."""
    try:
        for name in ASSETS:
            print(f"{name}: {fetch(name)}")
        from helpers.datasets.chorales import build_chorales
        from helpers.datasets.render import build_notes  # torch takes seconds to import: fetch first

        print(f"notes: {build_notes()}")
        print(f"chorales: {build_chorales()}")
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Nothing half-made is kept; run it again when you like.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
