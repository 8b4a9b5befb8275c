/** Does something at once after a silence, then only so often, with all that has come meanwhile. */
export class Pace {
  private last = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private act: () => void = () => undefined;

  constructor(private readonly everyMs: number) {}

  /** Soon, and once for all who ask until then; the last of them says what. */
  ask(act: () => void): void {
    this.act = act;
    if (this.timer !== undefined) return;
    const wait = this.last + this.everyMs - Date.now();
    if (wait <= 0) this.run();
    else this.timer = setTimeout(() => this.run(), wait);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private run(): void {
    this.timer = undefined;
    this.last = Date.now();
    this.act();
  }
}
