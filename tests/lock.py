"""Print the exact versions that a requirements file resolves to today, one a line: ``python tests/lock.py requirements.txt``."""

import json
import subprocess
import sys


def resolve(requirements: str) -> list[str]:
    """Return ``name==version`` of everything pip would install into an empty environment, sorted by name.

    A local version tag (``2.13.0+cpu``) is cut, so that the lock fits a machine with another build of the same release.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--dry-run",
        "--ignore-installed",
        "--report",
        "-",
        "-r",
        requirements,
    ]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    packages = {entry["metadata"]["name"].lower(): entry["metadata"]["version"].partition("+")[0] for entry in report["install"]}
    return [f"{name}=={version}" for name, version in sorted(packages.items())]


if __name__ == "__main__":
    source = sys.argv[1]
    sys.stdout.write(f"# Made from {source} by `make lock`; do not edit.\n" + "\n".join(resolve(source)) + "\n")
