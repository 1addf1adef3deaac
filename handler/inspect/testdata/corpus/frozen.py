"""Writes the frozen sample, which a test of each change is measured on: ../frozen.tar.xz.

It is small, and made of made-up data alone. Documents are stored uncompressed, so that what
they share is kept once.
"""

import bz2
import gzip
import io
import json
import lzma
import pathlib
import pickle
import sqlite3
import tarfile

import numpy

import clean
import common
import hidden

TABLE = ("frequencies", ["region", "n"], [["North", 20], ["South", 35], ["West", 50]])
PICTURES = ("report.docx", "slides.pptx", "figure.pdf", "figure.png", "figure.jpg", "outputs.zip", "xlsxwriter.xlsx")
KINDS = {"xlsx": "xlsx", "docx": "docx", "pptx": "pptx", "pdf": "pdf", "ipynb": "notebook", "html": "html", "csv": "csv", "tsv": "tsv", "json": "json", "png": "png", "jpg": "jpeg", "svg": "svg", "tex": "text", "txt": "text", "R": "code", "zip": "zip"}


def study(seed):
    """Rows of made-up people."""
    dice = common.dice("study", seed)
    header = ["sex", "region", "smoker", "stage", "sbp", "bmi"]
    rows = [[dice.choice("FM"), dice.choice(("North", "East", "South", "West")), dice.choice(("yes", "no", "no")), dice.choice("1234"), f"{100 + 40 * dice.random():.1f}", f"{20 + 15 * dice.random():.2f}"] for _ in range(600)]
    return header, rows


def safe():
    """Yields (name, content) of outputs that disclose nothing."""
    clean.DPI = 40
    pictured = set()
    for seed in range(2):
        header, rows = study(seed)
        for i, (kind, head, body) in enumerate(clean.tables.safe(header, rows)):
            frame = clean.pandas.DataFrame(body, columns=head)
            for name, write in clean.FORMATS.items():
                if name in PICTURES and name in pictured:
                    continue
                pictured.add(name)
                yield f"{seed}{i}-{name}", write(kind, frame)


def others():
    """Yields (name, content, type) of formats that no document is written in."""
    text = b"region,n\nNorth,20\nSouth,35\n" * 3
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        member = tarfile.TarInfo("a.csv")
        member.size = len(text)
        t.addfile(member, io.BytesIO(text))
    yield "a.tar", out.getvalue(), "tar"
    yield "a.csv.gz", gzip.compress(text, mtime=0), "gzip"
    yield "a.csv.bz2", bz2.compress(text), "bzip2"
    yield "a.csv.xz", lzma.compress(text), "xz"
    yield "a.pkl", pickle.dumps({"a": [1, 2]}, 4), "pickle"
    yield "old.pkl", pickle.dumps({"a": [1, 2]}, 0), "pickle"
    out = io.BytesIO()
    numpy.save(out, numpy.arange(6))
    yield "a.npy", out.getvalue(), "npy"
    db = sqlite3.connect(":memory:")
    db.execute("create table a (n integer)")
    yield "a.sqlite", db.serialize(), "sqlite"
    yield "notebook.schema.json", b'{"properties": {"cells": {}, "cell_type": {"enum": ["raw"]}, "nbformat": {"type": "integer"}}}', "json"
    yield "late.pdf", b"\x00\x01words\n" + hidden.page(TABLE).replace(b"%PDF-1.4", b"%PDF-2.0"), "pdf"
    yield "a.elf", b"\x7fELF\x02\x01\x01" + bytes(60), "elf"
    yield "a.dta", b"<stata_dta><header><release>118</release>" + bytes(40), "stata"


def secrets():
    """Yields lines of made/tokens.jsonl that stand for the others: some of each kind."""
    seen = {}
    for line in (common.ROOT / "made" / "tokens.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(line)
        kind = line["group"]
        most = 99 if kind == "key" else 2 if any(line["truth"].values()) else 12
        if len(line["content"]) > 1500 or seen.get(kind, 0) == most:
            continue
        seen[kind] = seen.get(kind, 0) + 1
        yield line


def columns():
    """The columns of people.json, with fewer values."""
    with open(common.ROOT / "made" / "people.json", encoding="utf-8") as f:
        return [{**c, "values": c["values"][:40]} for c in json.load(f)]


def main():
    files, labels = {}, []

    def put(folder, name, content, truth, kind):
        if name.endswith(("xlsx", "docx", "pptx", "zip")):
            content = hidden.repacked(content)
        if folder == "trailing":
            content += b"name,age\nAnn,41\n" * 9
        files[f"{folder}/{name}"] = content
        labels.append({"file": f"{folder}/{name}", "group": folder, "truth": truth, "type": kind})

    for name, content, rule in hidden.made(TABLE):
        put("hidden", name, content, {r: r == rule for r in hidden.STRUCTURE}, KINDS[name.rsplit(".")[-1]])
        if name.startswith(("openpyxl-plain", "docx-plain", "reportlab")):
            put("trailing", name, content, {"hidden.trailing": True}, KINDS[name.rsplit(".")[-1]])
    for name, content in safe():
        put("clean", name, content, {}, KINDS[name.rsplit(".")[-1]])
        if name.endswith(("png", "jpg")):
            put("trailing", name, content, {"hidden.trailing": True}, KINDS[name.rsplit(".")[-1]])
    for name, content, kind in others():
        put("types", name, content, {}, kind)
    files["files.jsonl"] = "".join(json.dumps(line) + "\n" for line in labels).encode()
    files["tokens.jsonl"] = "".join(json.dumps(line) + "\n" for line in secrets()).encode()
    files["people.json"] = json.dumps(columns()).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for name, content in sorted(files.items(), key=lambda f: (f[0].rsplit(".")[-1], f[0])):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            t.addfile(member, io.BytesIO(content))
    packed = lzma.compress(out.getvalue(), preset=9 | lzma.PRESET_EXTREME)
    (pathlib.Path(__file__).parent.parent / "frozen.tar.xz").write_bytes(packed)
    print(f"{len(files)} files, {len(packed)} bytes")


if __name__ == "__main__":
    main()
