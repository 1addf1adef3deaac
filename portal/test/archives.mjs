// Archives made by hand, stored without compression: what a reviewer's page has to read, and nothing else.
import { crc32 } from "node:zlib";

/** zipOf is a zip file of stored entries, each of 2026-01-02 03:04. */
export function zipOf(files) {
  const parts = [], directory = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const n = Buffer.from(name), common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(3 << 11 | 4 << 5, 6);
    common.writeUInt16LE((2026 - 1980) << 9 | 1 << 5 | 2, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(n.length, 22);
    parts.push(Buffer.from("PK\x03\x04"), common, n, content);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, rest, n);
    at += 30 + n.length + content.length;
  }
  const size = directory.reduce((s, p) => s + p.length, 0), end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** tarOf is a tar file, each entry of 2026-01-02 03:04 UTC. */
export function tarOf(files) {
  const parts = [];
  for (const [name, text] of Object.entries(files)) {
    const head = Buffer.alloc(512), content = Buffer.from(text);
    head.write(name, 0);
    head.write("0000644\0", 100);
    head.write(content.length.toString(8).padStart(11, "0") + "\0", 124);
    head.write((Date.UTC(2026, 0, 2, 3, 4) / 1000).toString(8).padStart(11, "0") + "\0", 136);
    head.write("        0", 148);
    head.write("ustar\x0000", 257, "latin1");
    head.write(head.reduce((n, b) => n + b, 0).toString(8).padStart(6, "0") + "\0 ", 148, "latin1");
    parts.push(head, content, Buffer.alloc((512 - content.length % 512) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** pdfOf is a PDF of pages with a line of text each, with a script that wants to run and a link that wants to be followed. */
export function pdfOf(pages, out) {
  const objects = ["<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.launchURL(\"" + out + "/script\")) >> /Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert\\(1\\)) >>] >> >> >>",
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${4 + 3 * i} 0 R`).join(" ")}] >>`, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"];
  for (const [i, text] of pages.entries()) {
    const content = `BT /F1 24 Tf 40 100 Td (${text}) Tj ET 40 60 120 20 re f`;
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 3 * i} 0 R /Annots [${6 + 3 * i} 0 R] >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`, `<< /Type /Annot /Subtype /Link /Rect [0 0 400 200] /A << /S /URI /URI (${out}/link) >> >>`);
  }
  let body = "%PDF-1.7\n";
  const at = objects.map((o, i) => { const n = body.length; body += `${i + 1} 0 obj\n${o}\nendobj\n`; return n; });
  const start = body.length;
  return Buffer.from(`${body}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${at.map((n) => `${String(n).padStart(10, "0")} 00000 n \n`).join("")}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`, "latin1");
}
