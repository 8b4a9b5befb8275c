/** Shows only those of very many rows that are in view; rows may be of any height, which is learnt as they are seen. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from "react";
import { Heights } from "./heights";

interface TallListOptions {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  estimate: number;
  /** Another value says that what is known of heights holds no more, as when lines are wrapped or filtered. */
  version: string;
  overscan?: number;
}

export interface TallList {
  first: number;
  last: number;
  /** Where the first of the shown rows begins. */
  top: number;
  total: number;
  /** Goes on the element that holds the shown rows, each with its `data-index`. */
  rows: RefObject<HTMLDivElement | null>;
  show: (index: number) => void;
}

export function useTallList({
  scroller,
  count,
  estimate,
  version,
  overscan = 25,
}: TallListOptions): TallList {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const [known, setKnown] = useState(() => ({ version, heights: new Heights(estimate, count) }));
  let { heights } = known;
  if (known.version !== version) {
    heights = new Heights(estimate, count);
    setKnown({ version, heights });
  }
  heights.resize(count);
  const view = useView(scroller);
  const rows = useRef<HTMLDivElement>(null);
  const begin = heights.at(view.top);
  const first = Math.max(0, begin - overscan);
  const last = Math.min(count - 1, heights.at(view.top + view.height) + overscan);

  useLayoutEffect(() => {
    const box = scroller.current;
    let changed = false;
    let above = 0;
    for (const row of rows.current?.children ?? []) {
      const index = Number((row as HTMLElement).dataset.index);
      const change = heights.set(index, row.getBoundingClientRect().height);
      if (change !== 0) changed = true;
      if (index < begin) above += change;
    }
    // What is in view stays where it is when rows above it turn out higher than was thought.
    if (box && above !== 0) box.scrollTop += above;
    if (changed) redraw();
  });

  const show = useCallback(
    (index: number) => {
      const box = scroller.current;
      if (box) box.scrollTop = heights.top(index) - box.clientHeight / 2;
    },
    [heights, scroller],
  );
  return { first, last, top: heights.top(first), total: heights.total, rows, show };
}

/** The part of the scroller that is in view. */
function useView(scroller: RefObject<HTMLElement | null>) {
  const [view, setView] = useState({ top: 0, height: 600 });
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const look = () => {
      const { scrollTop: top, clientHeight: height } = box;
      setView((before) => (before.top === top && before.height === height ? before : { top, height }));
    };
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [scroller]);
  return view;
}
