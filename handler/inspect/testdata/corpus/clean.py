"""Outputs that disclose nothing, in the formats that researchers send: every alarm on one is false."""

import io
import json
import zipfile

import docx
import matplotlib
import nbformat.v4
import openpyxl
import openpyxl.styles
import pandas
import PIL.Image
import pptx
import pptx.util
import reportlab.lib.pagesizes
import reportlab.platypus
import xlsxwriter

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "corpus"

import matplotlib.pyplot as plt  # noqa: E402

import common  # noqa: E402
import tables  # noqa: E402

SETS = 30
DPI = 80


def into(write):
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def openpyxl_book(kind, frame):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Table 1"
    sheet["A1"] = kind.capitalize()
    sheet["A1"].font = openpyxl.styles.Font(bold=True, size=14)
    for i, row in enumerate([list(frame.columns), *frame.values.tolist()], 3):
        for j, value in enumerate(row, 1):
            cell = sheet.cell(i, j, value)
            if i == 3:
                cell.fill = openpyxl.styles.PatternFill("solid", fgColor="FF1F4E78")
                cell.font = openpyxl.styles.Font(color="FFFFFFFF", bold=True)
    sheet.freeze_panes = "A4"
    sheet.column_dimensions["A"].width = 32
    return into(book.save)


def xlsxwriter_book(kind, frame):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#4F81BD", "font_color": "#FFFFFF"})
    sheet = book.add_worksheet("Results")
    sheet.write_row(0, 0, [str(c) for c in frame.columns], head)
    for i, row in enumerate(frame.values.tolist(), 1):
        sheet.write_row(i, 0, row)
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"categories": ["Results", 1, 0, len(frame), 0], "values": ["Results", 1, 1, len(frame), 1]})
    sheet.insert_chart(len(frame) + 3, 0, chart)
    book.add_worksheet("Notes").write("A1", "Counts under ten are left out; all others are rounded to five.")
    book.close()
    return out.getvalue()


def pandas_book(kind, frame):
    return into(lambda out: frame.to_excel(out, index=False, engine="openpyxl"))


def word(kind, frame):
    d = docx.Document()
    d.add_heading(kind.capitalize())
    d.add_paragraph("Counts under ten are left out, and all others are rounded to five.")
    table = d.add_table(rows=1, cols=len(frame.columns), style="Light Grid Accent 1")
    for row in [list(frame.columns), *frame.values.tolist()]:
        cells = table.rows[0].cells if row == list(frame.columns) else table.add_row().cells
        for cell, value in zip(cells, row):
            cell.text = str(value)
    d.add_picture(io.BytesIO(picture(kind, frame, "png")), width=docx.shared.Inches(4))
    return into(d.save)


def slides(kind, frame):
    p = pptx.Presentation()
    slide = p.slides.add_slide(p.slide_layouts[5])
    slide.shapes.title.text = kind
    inch = pptx.util.Inches(1)
    slide.shapes.add_picture(io.BytesIO(picture(kind, frame, "png")), inch, 2 * inch, 5 * inch)
    return into(p.save)


def figure(kind, frame):
    fig, axes = plt.subplots(figsize=(4, 3))
    values = pandas.to_numeric(frame.iloc[:, 1], errors="coerce").fillna(0)
    names = frame.iloc[:, 0].astype(str)
    if kind == "means":
        axes.errorbar(names, frame["mean"], yerr=frame["sd"], fmt="o", label="mean and deviation")
        axes.legend()
    elif kind == "correlations":
        axes.imshow(pandas.DataFrame(frame.iloc[:, 1:]).apply(pandas.to_numeric, errors="coerce"), cmap="viridis")
    else:
        axes.bar(names, values)
        axes.set_ylabel(str(frame.columns[1]))
    axes.set_title(kind)
    return fig


def picture(kind, frame, form):
    fig = figure(kind, frame)
    content = into(lambda out: fig.savefig(out, format=form, dpi=DPI))
    plt.close(fig)
    return content


def jpeg(kind, frame):
    return into(lambda out: PIL.Image.open(io.BytesIO(picture(kind, frame, "png"))).convert("RGB").save(out, "JPEG"))


def report(kind, frame):
    out = io.BytesIO()
    page = reportlab.platypus.SimpleDocTemplate(out, pagesize=reportlab.lib.pagesizes.A4)
    rows = [list(map(str, frame.columns)), *([str(v) for v in row] for row in frame.values.tolist())]
    page.build([reportlab.platypus.Table(rows), reportlab.platypus.Spacer(1, 12)])
    return out.getvalue()


def notebook(kind, frame):
    v4 = nbformat.v4
    code = "import pandas as pd\ncounts = pd.read_csv('analysis.csv').groupby('group').size()\ncounts[counts >= 10].round(-1)"
    nb = v4.new_notebook(cells=[v4.new_markdown_cell("# " + kind), v4.new_code_cell(code), v4.new_code_cell("counts.plot.bar()")], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    return nbformat.writes(nb).encode()


def packed(kind, frame):
    def write(out):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("outputs/table.csv", frame.to_csv(index=False))
            z.writestr("outputs/figure.png", picture(kind, frame, "png"))
            z.writestr("README.md", f"# {kind}\n\nTables for the paper.\n")

    return into(write)


def page(kind, frame):
    return f"<!DOCTYPE html><html><head><title>{kind}</title><style>td {{ text-align: right }}</style></head><body><h1>{kind}</h1>{frame.to_html(index=False)}</body></html>".encode()


def styled(kind, frame):
    return frame.style.hide(axis="index").format(precision=2).to_html().encode()


def script(kind, frame):
    return f"library(dplyr)\ndata <- read.csv('analysis.csv')\n# {kind}\ndata |> count({frame.columns[0]!r}) |> filter(n >= 10) |> mutate(n = 5 * round(n / 5))\n".encode()


def words(kind, frame):
    return f"{kind.capitalize()}\n\n{frame.to_string(index=False)}\n\nCounts under ten are left out; all others are rounded to five.\n".encode()


# FORMATS are the ways to write a table down, by the name of the file.
FORMATS = {
    "table.csv": lambda kind, frame: frame.to_csv(index=False).encode(),
    "table.tsv": lambda kind, frame: frame.to_csv(index=False, sep="\t").encode(),
    "semicolons.csv": lambda kind, frame: frame.to_csv(index=False, sep=";", decimal=",").encode("utf-8-sig"),
    "table.json": lambda kind, frame: frame.to_json(orient="records").encode(),
    "split.json": lambda kind, frame: json.dumps({"title": kind, "columns": list(map(str, frame.columns)), "rows": frame.values.tolist()}, default=float).encode(),
    "openpyxl.xlsx": openpyxl_book,
    "xlsxwriter.xlsx": xlsxwriter_book,
    "pandas.xlsx": pandas_book,
    "table.html": page,
    "styled.html": styled,
    "table.tex": lambda kind, frame: frame.to_latex(index=False).encode(),
    "table.txt": words,
    "analysis.R": script,
    "analysis.ipynb": notebook,
    "report.docx": word,
    "slides.pptx": slides,
    "report.pdf": report,
    "figure.pdf": lambda kind, frame: picture(kind, frame, "pdf"),
    "figure.png": lambda kind, frame: picture(kind, frame, "png"),
    "figure.jpg": jpeg,
    "figure.svg": lambda kind, frame: picture(kind, frame, "svg"),
    "outputs.zip": packed,
}


def made(set_name, header, rows):
    """Yields (name, content) of the safe outputs of a data set; of each of its tables some formats."""
    for i, (kind, head, body) in enumerate(tables.safe(header, rows)):
        frame = pandas.DataFrame(body, columns=head)
        dice = common.dice(set_name, kind, head[0])
        for name in dice.sample(sorted(FORMATS), 6):
            yield f"{i}-{kind.replace(' ', '-')}-{name}", FORMATS[name](kind, frame)


def main():
    labels = common.Labels("clean")
    for set_name, header, rows in common.datasets(SETS):
        for name, content in made(set_name, header, rows):
            path = labels.folder / f"{set_name}-{name}".replace("/", "_")
            path.write_bytes(content)
            labels.write(path, set_name, {})
    labels.close()


if __name__ == "__main__":
    main()
