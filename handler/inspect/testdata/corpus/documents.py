"""The documents of public packages, with their truth by the libraries that read them."""

import common
import truth

PACKAGES = ("nbconvert", "nbformat", "python_docx", "python_pptx", "pypdf", "oletools", "excelize", "xlsx", "xlsxreader", "pdfcpu", "matplotlib")
LARGEST = 256 << 10  # bytes: the libraries take long for larger ones
MOST = 120  # documents of a package: hundreds of one program's tests say no more
HIDDEN = (
    b"name,age\nAnn,41\nBob,29\n" * 9,
    common.dice("payload").randbytes(300),
    bytes(common.dice("bits").choices(range(1, 9), k=300)),
)


def chosen(folder):
    """Documents and pictures of a package, at most MOST of each kind."""
    kinds = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("._") and path.stat().st_size <= LARGEST:
            if path.suffix.lower() in truth.READERS or path.suffix.lower() in truth.ENDS:
                kinds.setdefault(path.suffix.lower(), []).append(path)
    for kind, paths in sorted(kinds.items()):
        common.dice(kind).shuffle(paths)
        yield from paths[:MOST]


def main():
    labels = common.Labels("documents")
    for package in PACKAGES:
        folder = (common.ROOT / package).resolve()
        for path in chosen(folder):
            group = package + "/" + path.stem
            linked = common.ROOT / package / path.relative_to(folder)
            found = truth.of(path)
            if found is not None:
                labels.write(linked, group, found)
            content = path.read_bytes()
            if truth.ends(path, content):
                labels.write(linked, group, {"hidden.trailing": False})
                longer = labels.folder / f"{package}-{path.stem}-{len(content)}{path.suffix}"
                longer.write_bytes(content + common.dice(path.name).choice(HIDDEN))
                labels.write(longer, group, {"hidden.trailing": True})
    labels.close()


if __name__ == "__main__":
    main()
