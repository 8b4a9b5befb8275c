/** Forms as they travel, byte for byte: the browser's own encoding rewrites every line break of a text. */

export type Part = [name: string, value: string | File];

export function multipart(parts: Part[]): Blob {
  const boundary = `----orrery${[...crypto.getRandomValues(new Uint32Array(5))].map((part) => part.toString(36)).join("")}`;
  const pieces = parts.flatMap(([name, value]): BlobPart[] => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`,
    ...(value instanceof File ? [fileHead(value), value] : ["\r\n\r\n", value]),
    "\r\n",
  ]);
  const blob = new Blob([...pieces, `--${boundary}--\r\n`], {
    type: `multipart/form-data; boundary=${boundary}`,
  });
  return blob;
}

function fileHead({ name, type }: File): string {
  return `; filename="${escaped(name)}"\r\nContent-Type: ${type || "application/octet-stream"}\r\n\r\n`;
}

function escaped(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
