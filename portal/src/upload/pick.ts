// Files out of a drop: folders are read to their ends, names keep their slashes.

export interface Picked { name: string; file: File; }

export async function dropped(items: DataTransferItemList): Promise<Picked[]> {
  const entries = [...items].map((i) => i.webkitGetAsEntry()).filter((e) => e !== null);
  const found: Picked[] = [];
  for (const e of entries) await walk(e, "", found);
  return found;
}

async function walk(entry: FileSystemEntry, above: string, found: Picked[]): Promise<void> {
  const name = above + entry.name;
  if (entry.isFile) {
    found.push({ name, file: await new Promise<File>((ok, bad) => (entry as FileSystemFileEntry).file(ok, bad)) });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) { // a call gives some of them
    const some = await new Promise<FileSystemEntry[]>((ok, bad) => reader.readEntries(ok, bad));
    if (some.length === 0) return;
    for (const e of some) await walk(e, name + "/", found);
  }
}

export const chosen = (files: FileList | null): Picked[] => [...(files ?? [])].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
