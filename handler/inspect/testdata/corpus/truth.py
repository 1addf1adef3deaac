"""What is true of a document, by the libraries that programs read it with.

Each function takes the path of a document and returns which rules of hidden structure hold
of it. A document that its library cannot read has no truth, and neither has a rule that the
library says nothing about.
"""

import contextlib
import io
import logging
import posixpath
import warnings
import zipfile
from xml.etree import ElementTree

import docx
import nbformat
import openpyxl
import pptx
import pypdf
from docx.oxml.ns import qn

logging.disable(logging.ERROR)
warnings.simplefilter("ignore")


def related(path):
    """Yields the types of the relations inside a package (ECMA-376 part 2) whose targets are in it."""
    with zipfile.ZipFile(path) as z:
        names = set(z.namelist())
        for name in names:
            if not name.endswith(".rels"):
                continue
            base = posixpath.dirname(posixpath.dirname(name))
            for r in ElementTree.fromstring(z.read(name)):
                target = posixpath.normpath(posixpath.join("/" + base, r.get("Target", ""))).lstrip("/")
                if r.get("TargetMode") != "External" and target in names:
                    yield posixpath.basename(r.get("Type", "")), target


def embedded(path):
    """Whether a package holds files of other programs."""
    return any(kind in ("oleObject", "package", "aFChunk") for kind, _ in related(path))


def notebook(path):
    nb = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    cells = nb.cells if nb.nbformat >= 4 else [c for w in nb.worksheets for c in w.cells]
    widgets = nb.metadata.get("widgets") or {}
    return {
        "hidden.notebook_output": any(c.get("outputs") for c in cells) or any(w.get("state") for w in widgets.values()),
        "hidden.embedded": any(c.get("attachments") for c in cells),
    }


def unseen(dimension, size, least):
    return bool(dimension.hidden) or (size is not None and size < least)


def workbook(path):
    book = openpyxl.load_workbook(path, keep_links=True)
    sheets = book.worksheets
    return {
        "hidden.sheet": any(s.sheet_state != "visible" for s in book._sheets)
        or any(unseen(d, d.ht, 2) for s in sheets for d in s.row_dimensions.values())
        or any(unseen(d, d.width, 0.3) for s in sheets for d in s.column_dimensions.values()),
        "hidden.pivot_cache": any(p.cache.records and len(p.cache.records.r) for s in sheets for p in s._pivots),
        "hidden.comment": any(c.comment for s in sheets for row in s.iter_rows() for c in row),
        "hidden.embedded": embedded(path),
    }


def hides(properties):
    mark = properties.find(qn("w:vanish")) if properties is not None else None
    return mark is not None and mark.get(qn("w:val")) not in ("0", "false")


def document(path):
    d = docx.Document(path)
    body = d.element
    runs = [r for r in body.iter(qn("w:r")) if any(t.text for t in r.iter(qn("w:t"), qn("w:delText")))]
    styles = {s.style_id for s in d.styles if hides(s.element.find(qn("w:rPr")))}
    style = lambda r: next((s.get(qn("w:val")) for s in r.iter(qn("w:rStyle"), qn("w:pStyle"))), None)
    return {
        "hidden.tracked_change": any(True for _ in body.iter(qn("w:ins"), qn("w:del"), qn("w:moveFrom"), qn("w:moveTo"))),
        "hidden.text": any(hides(r.find(qn("w:rPr"))) or style(r) in styles or style(r.getparent()) in styles for r in runs),
        "hidden.comment": len(list(d.comments)) > 0,
        "hidden.embedded": embedded(path),
    }


def presentation(path):
    p = pptx.Presentation(path)
    return {
        "hidden.text": any(s._element.get("show") in ("0", "false") for s in p.slides),
        "hidden.comment": any(s.has_notes_slide and s.notes_slide.notes_text_frame and len(s.notes_slide.notes_text_frame.text.strip()) > 3 for s in p.slides)
        or any(kind in ("comments", "comment") for kind, _ in related(path)),
        "hidden.embedded": embedded(path),
    }


def pdf(path):
    with open(path, "rb") as f:
        content = f.read()
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        except pypdf.errors.DependencyError:  # of a cipher
            return {"uncheckable.encrypted": True}
        truth = {"uncheckable.encrypted": reader.is_encrypted}
        if not reader.is_encrypted:
            truth["hidden.pdf_attachment"] = any(attached(o) for o in objects(reader))
    return truth


def objects(reader):
    for ids in [*reader.xref.values(), reader.xref_objStm]:
        for number in list(ids):
            with contextlib.suppress(Exception):
                yield reader.get_object(number)


def attached(o):
    if not isinstance(o, pypdf.generic.DictionaryObject):
        return False
    return o.get("/Type") == "/EmbeddedFile" or o.get("/Subtype") == "/FileAttachment" or "/EF" in o and o.get("/Type") in (None, "/Filespec", "/F")


READERS = {
    ".ipynb": notebook,
    ".xlsx": workbook,
    ".xlsm": workbook,
    ".docx": document,
    ".docm": document,
    ".pptx": presentation,
    ".pptm": presentation,
    ".pdf": pdf,
}


def of(path):
    """The truth about a document, or None where its library cannot read it."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        return None
    try:
        return reader(path)
    except Exception:  # of any library: it cannot read this one
        return None


# ENDS says whether a file ends where its format does.
ENDS = {
    ".png": lambda b: b.startswith(b"\x89PNG") and b.rfind(b"IEND") + 8 == len(b),
    ".jpg": lambda b: b.startswith(b"\xff\xd8") and b.endswith(b"\xff\xd9"),
    ".jpeg": lambda b: b.startswith(b"\xff\xd8") and b.endswith(b"\xff\xd9"),
    ".gif": lambda b: b.startswith(b"GIF8") and b.endswith(b"\x00;"),
    ".webp": lambda b: b.startswith(b"RIFF") and int.from_bytes(b[4:8], "little") + 8 == len(b),
    ".bmp": lambda b: b.startswith(b"BM") and int.from_bytes(b[2:6], "little") == len(b),
    ".pdf": lambda b: b.startswith(b"%PDF-") and b.rstrip(b"\r\n \0").endswith(b"%%EOF"),
    ".zip": lambda b: b.startswith(b"PK\x03\x04") and b.rfind(b"PK\x05\x06") + 22 == len(b),
    ".xlsx": lambda b: b.startswith(b"PK\x03\x04") and b.rfind(b"PK\x05\x06") + 22 == len(b),
    ".docx": lambda b: b.startswith(b"PK\x03\x04") and b.rfind(b"PK\x05\x06") + 22 == len(b),
    ".pptx": lambda b: b.startswith(b"PK\x03\x04") and b.rfind(b"PK\x05\x06") + 22 == len(b),
}


def ends(path, content):
    """Whether a file ends with its format's mark; None for a format without one."""
    check = ENDS.get(path.suffix.lower())
    return check(content) if check else None
