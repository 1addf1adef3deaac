"""Documents with and without hidden structure, made of safe tables by the libraries that people use.

The truth about each is read back by truth.py, and has to be that which it was made with.
"""

import io
import zipfile

import docx
import nbformat.v4
import openpyxl
import openpyxl.comments
import openpyxl.pivot.cache
import openpyxl.pivot.fields
import openpyxl.pivot.record
import openpyxl.pivot.table
import pptx
import pptx.chart.data
import pptx.enum.chart
import pptx.util
import pypdf
import reportlab.pdfgen.canvas
import xlsxwriter
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

import common
import tables
import truth

SETS = 16


# Workbooks by openpyxl.


def sheet(table, change=lambda book, sheet: None):
    kind, header, rows = table
    book = openpyxl.Workbook()
    book.active.append([kind])
    book.active.append([])
    for row in [header, *rows]:
        book.active.append(row)
    change(book, book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def very(state):
    def change(book, sheet):
        other = book.create_sheet("other")
        other["A1"] = "words"
        other.sheet_state = state

    return change


def hidden_row(book, sheet):
    sheet.row_dimensions[4].hidden = True


def hidden_column(book, sheet):
    sheet.column_dimensions["B"].hidden = True


def folded(book, sheet):
    sheet.row_dimensions.group(4, 5, hidden=True)


def comment(book, sheet):
    sheet["A3"].comment = openpyxl.comments.Comment("a remark", "somebody")


def filtered(book, sheet):
    sheet.auto_filter.ref = "A3:B9"
    sheet.freeze_panes = "A4"
    sheet.column_dimensions["A"].width = 30


def pivot(with_records):
    def change(book, sheet):
        fields = openpyxl.pivot.cache
        source = fields.CacheSource(type="worksheet", worksheetSource=fields.WorksheetSource(ref="A3:B5", sheet=sheet.title))
        records = [openpyxl.pivot.record.Record(_fields=[openpyxl.pivot.fields.Number(v=i), openpyxl.pivot.fields.Text(v="a")]) for i in range(40 * with_records)]
        definition = fields.CacheDefinition(cacheSource=source, cacheFields=[fields.CacheField(name=n, sharedItems=fields.SharedItems()) for n in ("n", "group")], refreshOnLoad=not with_records)
        definition.records = openpyxl.pivot.record.RecordList(r=records)
        place = openpyxl.pivot.table.Location(ref="E3:F6", firstHeaderRow=1, firstDataRow=1, firstDataCol=1)
        table = openpyxl.pivot.table.TableDefinition(name="pivot", cacheId=1, dataCaption="Values", location=place)
        table.cache = definition
        sheet.add_pivot(table)

    return change


BOOKS = {
    "plain": (lambda book, sheet: None, None),
    "filtered": (filtered, None),
    "hidden": (very("hidden"), "hidden.sheet"),
    "veryhidden": (very("veryHidden"), "hidden.sheet"),
    "two-sheets": (very("visible"), None),
    "row": (hidden_row, "hidden.sheet"),
    "column": (hidden_column, "hidden.sheet"),
    "folded": (folded, "hidden.sheet"),
    "comment": (comment, "hidden.comment"),
    "pivot": (pivot(True), "hidden.pivot_cache"),
    "pivot-refreshed": (pivot(False), None),
}


# Workbooks by XlsxWriter.


def written(table, change=lambda book, sheet: None):
    kind, header, rows = table
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    shown = book.add_worksheet("table")
    for i, row in enumerate([header, *rows]):
        shown.write_row(i, 0, row)
    change(book, shown)
    book.close()
    return out.getvalue()


def aside(act):
    def change(book, sheet):
        other = book.add_worksheet("aside")
        other.write("A1", "words")
        act(other)

    return change


WRITTEN = {
    "plain": (lambda book, sheet: None, None),
    "formats": (lambda book, sheet: (sheet.set_column(0, 3, 25), sheet.freeze_panes(1, 0), sheet.autofilter(0, 0, 5, 1)), None),
    "hidden": (aside(lambda s: s.hide()), "hidden.sheet"),
    "veryhidden": (aside(lambda s: s.very_hidden()), "hidden.sheet"),
    "row": (lambda book, sheet: sheet.set_row(2, None, None, {"hidden": True}), "hidden.sheet"),
    "column": (lambda book, sheet: sheet.set_column(1, 1, None, None, {"hidden": True}), "hidden.sheet"),
    "no-width": (lambda book, sheet: sheet.set_column_pixels(1, 1, 0), "hidden.sheet"),
    "no-height": (lambda book, sheet: sheet.set_row_pixels(2, 0), "hidden.sheet"),
    "comment": (lambda book, sheet: sheet.write_comment("A1", "a remark"), "hidden.comment"),
    "chart": (lambda book, sheet: sheet.insert_chart("F2", charted(book)), None),
}


def charted(book):
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=table!$B$2:$B$4"})
    return chart


# Documents by python-docx.


def text(table, change=lambda d: None):
    kind, header, rows = table
    d = docx.Document()
    d.add_heading(kind)
    d.add_paragraph("The table shows groups of ten people or more.")
    t = d.add_table(rows=0, cols=len(header))
    for row in [header, *rows]:
        for cell, value in zip(t.add_row().cells, row):
            cell.text = str(value)
    change(d)
    out = io.BytesIO()
    d.save(out)
    return out.getvalue()


def vanishing(d):
    d.add_paragraph().add_run("nobody sees these words").font.hidden = True


def vanishing_by_style(d):
    style = d.styles.add_style("unseen", docx.enum.style.WD_STYLE_TYPE.CHARACTER)
    style.font.hidden = True
    d.add_paragraph().add_run("nobody sees these words", style="unseen")


def style_of_nobody(d):
    d.styles.add_style("unseen", docx.enum.style.WD_STYLE_TYPE.CHARACTER).font.hidden = True


def shown_again(d):
    d.add_paragraph().add_run("everybody sees these words").font.hidden = False


def tracked(name):
    def change(d):
        mark = OxmlElement(name)
        mark.set(qn("w:id"), "7")
        mark.set(qn("w:author"), "somebody")
        run = OxmlElement("w:r")
        words = OxmlElement("w:delText" if name == "w:del" else "w:t")
        words.text = "words"
        run.append(words)
        mark.append(run)
        d.add_paragraph()._p.append(mark)

    return change


def remark(d):
    d.add_comment(d.paragraphs[0].runs, text="a remark", author="somebody")


def object_within(d):
    part = Part(PackURI("/word/embeddings/book.xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet(("t", ["a", "n"], [["x", 20], ["y", 30]])), d.part.package)
    d.part.relate_to(part, RELATIONSHIP_TYPE.PACKAGE)


DOCUMENTS = {
    "plain": (lambda d: None, None),
    "vanish": (vanishing, "hidden.text"),
    "vanish-style": (vanishing_by_style, "hidden.text"),
    "style-unused": (style_of_nobody, None),
    "vanish-off": (shown_again, None),
    "ins": (tracked("w:ins"), "hidden.tracked_change"),
    "del": (tracked("w:del"), "hidden.tracked_change"),
    "moved": (tracked("w:moveTo"), "hidden.tracked_change"),
    "comment": (remark, "hidden.comment"),
    "embedded": (object_within, "hidden.embedded"),
}


# Presentations by python-pptx.


def slides(table, change=lambda p, slide: None):
    kind, header, rows = table
    p = pptx.Presentation()
    slide = p.slides.add_slide(p.slide_layouts[5])
    slide.shapes.title.text = kind
    inch = pptx.util.Inches(1)
    grid = slide.shapes.add_table(len(rows) + 1, len(header), inch, inch, 6 * inch, 3 * inch).table
    for i, row in enumerate([header, *rows]):
        for j, value in enumerate(row):
            grid.cell(i, j).text = str(value)
    change(p, slide)
    out = io.BytesIO()
    p.save(out)
    return out.getvalue()


def chart(p, slide):
    data = pptx.chart.data.CategoryChartData()
    data.categories = ["a", "b"]
    data.add_series("n", (20, 35))
    inch = pptx.util.Inches(1)
    slide.shapes.add_chart(pptx.enum.chart.XL_CHART_TYPE.COLUMN_CLUSTERED, inch, inch, 4 * inch, 4 * inch, data)


def noted(words):
    def change(p, slide):
        slide.notes_slide.notes_text_frame.text = words

    return change


def unshown(p, slide):
    p.slides.add_slide(p.slide_layouts[5])._element.set("show", "0")


PRESENTATIONS = {
    "plain": (lambda p, slide: None, None),
    "chart": (chart, "hidden.embedded"),
    "notes": (noted("say that two people left"), "hidden.comment"),
    "no-notes": (noted(""), None),
    "unshown": (unshown, "hidden.text"),
}


# Notebooks by nbformat.


def notebook(table, outputs=(), attachments=None, widgets=None, indent=1, metadata=None):
    v4 = nbformat.v4
    words = v4.new_markdown_cell("# " + table[0] + '\nThe "outputs": [] of each cell are cleared.')
    if attachments:
        words.attachments = attachments
    cells = [words, v4.new_code_cell("import json\nprint(json.dumps({'outputs': [1, 2]}))", outputs=list(outputs), execution_count=3)]
    nb = v4.new_notebook(cells=cells, metadata=metadata or {})
    if widgets:
        nb.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": widgets, "version_major": 2, "version_minor": 0}}
    nbformat.validate(nb)
    return nbformat.writes(nb, indent=indent).encode()


def output(kind, **data):
    return [nbformat.v4.new_output(kind, **data)]


NOTEBOOKS = {
    "plain": ({}, None),
    "dense": ({"indent": None}, None),
    "metadata": ({"metadata": {"papermill": {"outputs": [{"name": "x"}], "cells": [{"attachments": {"a": 1}}]}}}, None),
    "stream": ({"outputs": output("stream", name="stdout", text="   id  age\n0  17   44\n")}, "hidden.notebook_output"),
    "result": ({"outputs": output("execute_result", data={"text/html": "<table><tr><td>4</td></tr></table>"}, execution_count=3)}, "hidden.notebook_output"),
    "picture": ({"outputs": output("display_data", data={"image/png": "iVBORw0KGgo="}), "indent": None}, "hidden.notebook_output"),
    "error": ({"outputs": output("error", ename="KeyError", evalue="'Ann'", traceback=["KeyError: 'Ann'"])}, "hidden.notebook_output"),
    "widget": ({"widgets": {"a1": {"model_name": "IntSliderModel", "model_module": "m", "model_module_version": "1", "state": {"value": 7}}}}, "hidden.notebook_output"),
    "attachment": ({"attachments": {"a.png": {"image/png": "iVBORw0KGgo="}}}, "hidden.embedded"),
}


# PDF by reportlab and pypdf.


def page(table):
    kind, header, rows = table
    out = io.BytesIO()
    canvas = reportlab.pdfgen.canvas.Canvas(out)
    for i, row in enumerate([[kind], header, *rows, ["It has no /EmbeddedFile and no /FileAttachment."]]):
        canvas.drawString(72, 760 - 16 * i, "   ".join(map(str, row)))
    canvas.save()
    return out.getvalue()


def rewritten(content, change):
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(content)))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pinned(writer):
    """A file that hangs at a place of a page."""
    name = pypdf.generic.NameObject
    stream = pypdf.generic.DecodedStreamObject()
    stream.set_data(b"id,age\n1,44\n")
    stream[name("/Type")] = name("/EmbeddedFile")
    file = pypdf.generic.DictionaryObject({name("/Type"): name("/Filespec"), name("/F"): pypdf.generic.TextStringObject("a.csv"), name("/EF"): pypdf.generic.DictionaryObject({name("/F"): writer._add_object(stream)})})
    numbers = pypdf.generic.ArrayObject(map(pypdf.generic.NumberObject, (10, 10, 30, 30)))
    note = pypdf.generic.DictionaryObject({name("/Type"): name("/Annot"), name("/Subtype"): name("/FileAttachment"), name("/FS"): writer._add_object(file), name("/Rect"): numbers})
    writer.pages[0][name("/Annots")] = pypdf.generic.ArrayObject([writer._add_object(note)])


PDFS = {
    "plain": (lambda w: None, None),
    "attached": (lambda w: w.add_attachment("a.csv", b"id,age\n1,44\n"), "hidden.pdf_attachment"),
    "attached-compressed": (lambda w: (w.add_attachment("a.csv", b"id,age\n1,44\n" * 50), [p.compress_content_streams() for p in w.pages]), "hidden.pdf_attachment"),
    "pinned": (pinned, "hidden.pdf_attachment"),
    "metadata": (lambda w: w.add_metadata({"/Title": "EmbeddedFile"}), None),
}


def changed(content):
    """The same with a change behind its end, as editors save."""
    writer = pypdf.PdfWriter(io.BytesIO(content), incremental=True)
    writer.add_metadata({"/Title": "later"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def made(table):
    """Yields (name with extension, content, the rule that holds or None)."""
    for name, (change, rule) in BOOKS.items():
        yield f"openpyxl-{name}.xlsx", sheet(table, change), rule
    for name, (change, rule) in WRITTEN.items():
        yield f"xlsxwriter-{name}.xlsx", written(table, change), rule
    for name, (change, rule) in DOCUMENTS.items():
        yield f"docx-{name}.docx", text(table, change), rule
    for name, (change, rule) in PRESENTATIONS.items():
        yield f"pptx-{name}.pptx", slides(table, change), rule
    for name, (parts, rule) in NOTEBOOKS.items():
        yield f"notebook-{name}.ipynb", notebook(table, **parts), rule
    for name, (change, rule) in PDFS.items():
        yield f"pdf-{name}.pdf", rewritten(page(table), change), rule
    yield "reportlab.pdf", page(table), None
    yield "pdf-changed.pdf", changed(page(table)), "hidden.pdf_revision"


# STRUCTURE are the rules that every made document has a truth about.
STRUCTURE = ("hidden.sheet", "hidden.pivot_cache", "hidden.embedded", "hidden.notebook_output", "hidden.pdf_attachment", "hidden.pdf_revision", "hidden.trailing", "hidden.comment", "hidden.text", "hidden.tracked_change")


def repacked(content):
    """The same package, written by another program: stored, and in another order."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            new.writestr(name, old.read(name))
    return out.getvalue()


def main():
    labels = common.Labels("hidden")
    for set_name, header, rows in common.datasets(SETS):
        table = next(iter(tables.safe(header, rows)), None)
        if table is None:
            continue
        for name, content, rule in made(table):
            if name.endswith("x") and common.dice(set_name, name).random() < 0.25:
                content = repacked(content)
            path = labels.folder / f"{set_name}-{name}"
            path.write_bytes(content)
            read = truth.of(path)
            if read is None or rule in read and not read[rule] or any(is_so and r != rule for r, is_so in read.items()):
                raise SystemExit(f"{path} is not what it was made to be: {rule} {read}")
            labels.write(path, set_name, {r: r == rule for r in STRUCTURE})
    labels.close()


if __name__ == "__main__":
    main()
