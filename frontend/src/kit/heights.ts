/** The heights of very many rows, measured as they are seen: every question costs little, however many there are. */

const BLOCK = 512;

export class Heights {
  private readonly measured: number[] = [];
  /** How much the measured rows of a block exceed the estimate. */
  private readonly excess: number[] = [];

  constructor(
    private readonly estimate: number,
    private count = 0,
  ) {}

  /** Rows at the end come or go; what is known of the others stays. */
  resize(count: number): void {
    for (let index = Math.min(this.measured.length, this.count) - 1; index >= count; index -= 1) {
      this.forget(index);
    }
    this.count = count;
  }

  of(index: number): number {
    return this.measured[index] ?? this.estimate;
  }

  /** Returns by how much the row is higher than was thought. */
  set(index: number, height: number): number {
    const change = height - this.of(index);
    if (change === 0) return 0;
    this.measured[index] = height;
    const block = Math.floor(index / BLOCK);
    this.excess[block] = (this.excess[block] ?? 0) + change;
    return change;
  }

  get total(): number {
    return this.top(this.count);
  }

  /** Where the row begins. */
  top(index: number): number {
    const block = Math.floor(index / BLOCK);
    let top = index * this.estimate;
    for (let before = 0; before < block; before += 1) top += this.excess[before] ?? 0;
    for (let row = block * BLOCK; row < index; row += 1) top += this.of(row) - this.estimate;
    return top;
  }

  /** The row that covers the point; the last one for points below it. */
  at(point: number): number {
    let top = 0;
    let block = 0;
    for (const last = Math.floor(Math.max(0, this.count - 1) / BLOCK); block < last; block += 1) {
      const height = BLOCK * this.estimate + (this.excess[block] ?? 0);
      if (top + height > point) break;
      top += height;
    }
    let index = block * BLOCK;
    for (; index < this.count - 1; index += 1) {
      top += this.of(index);
      if (top > point) break;
    }
    return Math.max(0, Math.min(index, this.count - 1));
  }

  private forget(index: number): void {
    const height = this.measured[index];
    delete this.measured[index];
    const block = Math.floor(index / BLOCK);
    if (height !== undefined) this.excess[block] = (this.excess[block] ?? 0) - (height - this.estimate);
  }
}
