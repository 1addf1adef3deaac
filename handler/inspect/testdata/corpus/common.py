"""What the parts of the corpus share: where files lie, and how their truth is written down."""

import csv
import hashlib
import json
import pathlib
import random

# ROOT is build/corpus; the makefile starts the programs there.
ROOT = pathlib.Path.cwd()


def dice(*of):
    """A generator of random numbers that gives the same ones in each run."""
    return random.Random(hashlib.sha256("/".join(map(str, of)).encode()).digest())


class Labels:
    """Files with what is true of them, one line of JSON each.

    group is the data set or document that a file comes from: all files of a group
    serve either for tuning or as hold-out.
    """

    def __init__(self, name):
        self.folder = ROOT / "made" / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.out = open(ROOT / "made" / (name + ".jsonl"), "w", encoding="utf-8")

    def write(self, path, group, truth):
        line = {"file": str(pathlib.Path(path).relative_to(ROOT)), "group": group, "truth": truth}
        self.out.write(json.dumps(line) + "\n")

    def close(self):
        self.out.close()


def datasets(count):
    """Yields (name, header, rows) of public data sets, as many as asked for."""
    paths = sorted(
        p
        for package in ("pydataset", "lifelines")
        for p in (ROOT / package).rglob("*.csv")
        if not p.name.startswith("._")
    )
    dice("datasets").shuffle(paths)
    for path in paths:
        with open(path, encoding="utf-8", errors="replace", newline="") as f:
            rows = list(csv.reader(f))
        if len(rows) < 100 or len(rows[0]) < 3 or any(len(r) != len(rows[0]) for r in rows):
            continue
        yield path.stem, rows[0], rows[1:5000]
        count -= 1
        if count == 0:
            return
