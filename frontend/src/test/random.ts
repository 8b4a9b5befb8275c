/** Values drawn by chance, the same ones for the same seed. */

export type Random = (below: number) => number;

export function random(seed: number): Random {
  let state = (seed * 2_654_435_761 + 97) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Tells the seed of the one that failed. */
export function times(count: number, check: (seed: number) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      check(seed);
    } catch (error) {
      if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
}

const PIECES = [
  "a",
  "7",
  " ",
  "\n",
  "\r",
  "\r\n",
  "\t",
  '"',
  "\\",
  "ä",
  "日",
  "🌍",
  "\u2028",
  "{{ x }}",
  "'",
  "&",
  "\u0001",
];

/** Text of whole characters: what a form can carry. */
export function wholeText(draw: Random): string {
  return Array.from({ length: draw(12) }, () => PIECES[draw(PIECES.length)]).join("");
}

/** Text of any UTF-16 units. */
export function anyText(draw: Random): string {
  return wholeText(draw) + ["", "\ud83c", "\udf0d", "\u0000"][draw(4)];
}

export function anyNumber(draw: Random): string {
  const whole = digits(draw, 1 + draw(24)).replace(/^0+(?=\d)/, "");
  const fraction = draw(2) ? `.${digits(draw, 1 + draw(20))}` : "";
  const exponent = draw(4) ? "" : `${"eE"[draw(2)]}${["", "+", "-"][draw(3)]}${draw(400)}`;
  return `${draw(2) ? "-" : ""}${whole}${fraction}${exponent}`;
}

/** JSON text without blanks, as it is written again. */
export function anyJson(draw: Random, depth = 3): string {
  const kind = draw(depth > 0 ? 6 : 4);
  if (kind === 0) return ["null", "true", "false"][draw(3)] ?? "null";
  if (kind === 1) return JSON.stringify(anyText(draw));
  if (kind < 4) return anyNumber(draw);
  const items = Array.from({ length: draw(5) }, () => anyJson(draw, depth - 1));
  if (kind === 4) return `[${items.join(",")}]`;
  return `{${items.map((item, index) => `${JSON.stringify(`k${index} ${wholeText(draw)}`)}:${item}`).join(",")}}`;
}

function digits(draw: Random, count: number): string {
  return Array.from({ length: count }, () => draw(10)).join("");
}
