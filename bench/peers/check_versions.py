"""Fails unless this interpreter has every package that a requirements file pins, in that version."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def faults(requirements: Path) -> list[str]:
    """What differs from the lines ``name==version`` of a requirements file."""
    found: list[str] = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        name, _, wanted = line.partition("==")
        if not wanted:
            continue
        try:
            installed = version(name).partition("+")[0]
        except PackageNotFoundError:
            installed = "missing"
        if installed != wanted:
            found.append(f"{name} is {installed}, wanted is {wanted}")
    return found


if __name__ == "__main__":
    differences = faults(Path(sys.argv[1]))
    if differences:
        sys.exit(f"bench: {sys.executable} cannot run the peers: " + "; ".join(differences))
