"""Prints as JSON how many bytes a framework takes on disk with all that it requires, Python itself left out.

usage: installed_size.py DISTRIBUTION...    the first one that is installed counts
"""

import json
import os
import re
import sys
from importlib import metadata


def distribution(name):
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def required(name, seen):
    """The distribution and everything it requires here, by normalised name."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    found = distribution(name)
    if found is None or key in seen:
        return
    seen[key] = found
    for line in found.requires or []:
        requirement, _, marker = line.partition(";")
        # Requirements of optional extras are no part of a plain installation, except where they are there as part of another.
        wanted = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
        if wanted and "extra" not in marker:
            required(wanted.group(), seen)
        extras = re.search(r"\[(.*?)\]", requirement)
        if wanted and extras:
            extra_requirements(wanted.group(), extras.group(1).split(","), seen)


def extra_requirements(name, extras, seen):
    found = distribution(name)
    for line in (found.requires or []) if found else []:
        requirement, _, marker = line.partition(";")
        wanted = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
        if wanted and any(f"extra == '{extra.strip()}'" in marker.replace('"', "'") for extra in extras):
            required(wanted.group(), seen)


def size(found):
    paths = {os.path.realpath(found.locate_file(file)) for file in found.files or []}
    return sum(os.path.getsize(path) for path in paths if os.path.isfile(path))


seen = {}
name = next((name for name in sys.argv[1:] if distribution(name) is not None), None)
if name is not None:
    required(name, seen)
print(
    json.dumps(
        {
            "bytes": sum(size(found) for found in seen.values()),
            "packages": {key: found.version for key, found in seen.items()},
            "cuda": any(key.startswith("nvidia-") for key in seen),
        }
    )
)
