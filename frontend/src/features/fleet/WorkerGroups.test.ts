import { describe, expect, it } from "vitest";
import type { Worker } from "@/api/types";
import { capacityOf } from "./WorkerGroups";

const worker = (state: string, running: number, max: number) =>
  ({ state, capacity: { running, max, pending: 0 } }) as unknown as Worker;

describe("the slots of a group", () => {
  it("are those of the workers that run", () => {
    const workers = [worker("RUNNING", 3, 8), worker("RUNNING", 0, 4), worker("DISCONNECTED", 8, 8)];
    expect(capacityOf(workers)).toEqual({ busy: 3, slots: 12 });
  });
});
