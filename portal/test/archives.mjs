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
