import { describe, expect, it } from "vitest";
import { random, times, wholeText } from "@/test/random";
import { multipart } from "./multipart";

/** What stands between the boundaries, as bytes read as UTF-8. */
async function bodiesOf(blob: Blob): Promise<string[]> {
  const boundary = blob.type.split("boundary=")[1];
  const text = await blob.text();
  const parts = text.split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => part.slice(part.indexOf("\r\n\r\n") + 4, -2));
}

describe("a form", () => {
  it("carries texts without touching their line breaks", async () => {
    const texts: string[] = [];
    times(200, (seed) => void texts.push(wholeText(random(seed))));
    const blob = multipart(texts.map((text, index) => [`p${index}`, text]));
    expect(await bodiesOf(blob)).toEqual(texts);
  });

  it("names its files and says what they are", async () => {
    const text = await multipart([["f", new File(["a\r\nb"], 'a "1".csv', { type: "text/csv" })]]).text();
    expect(text).toContain('name="f"; filename="a %221%22.csv"\r\nContent-Type: text/csv\r\n\r\na\r\nb\r\n');
  });
});
