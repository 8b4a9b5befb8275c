/** Keys that do something on the present page, and the list of them that `?` shows. */
import { Kbd, Modal } from "@mantine/core";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import classes from "./shortcuts.module.css";

export interface Shortcut {
  keys: string;
  does: string;
  run: () => void;
}

const SEQUENCE_MS = 900;
const listeners = new Set<() => void>();
let active: Shortcut[] = [];
let pending = "";
let pendingAt = 0;

/** `keys` is one key, `mod+key`, or two keys pressed in turn as in `g f`. */
export function useShortcut(keys: string, does: string, run: () => void, enabled = true): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!enabled) return;
    const shortcut = { keys, does, run: () => latest.current() };
    change([...active, shortcut]);
    return () => change(active.filter((other) => other !== shortcut));
  }, [keys, does, enabled]);
}

/** What can be done on the present page, newest first; what only opens another page is left to its own list. */
export function useActions(): Shortcut[] {
  const shortcuts = useSyncExternalStore(watch, () => active);
  return shortcuts.filter(({ keys }) => !keys.startsWith("g ")).reverse();
}

/** Listens for the keys; mounted once. */
export function ShortcutsHelp() {
  const [opened, setOpened] = useState(false);
  const shortcuts = useSyncExternalStore(watch, () => active);
  useShortcut("?", "Show the keyboard shortcuts", () => setOpened(true));
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  return (
    <Modal opened={opened} onClose={() => setOpened(false)} title="Keyboard shortcuts">
      <dl className={classes.list}>
        {shortcuts.map(({ keys, does }) => (
          <div key={keys + does} className={classes.row}>
            <dt>{does}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

export function Keys({ keys }: { keys: string }) {
  return (
    <span className={classes.keys}>
      {keys.split(/[ +]/).map((key) => (
        <Kbd key={key} size="xs">
          {key === "mod" ? modifierName() : key.length === 1 ? key.toUpperCase() : key}
        </Kbd>
      ))}
    </span>
  );
}

export function modifierName(): string {
  return /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl";
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey) return;
  const held = event.metaKey || event.ctrlKey;
  if (!held && isTyping(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const name = held ? `mod+${key}` : key;
  const sequence = pending && Date.now() - pendingAt < SEQUENCE_MS ? `${pending} ${name}` : name;
  const match = find(sequence) ?? find(name);
  pending = match ? "" : name;
  pendingAt = Date.now();
  if (!match) return;
  event.preventDefault();
  match.run();
}

function find(keys: string): Shortcut | undefined {
  return active.findLast((shortcut) => shortcut.keys === keys);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function change(next: Shortcut[]): void {
  active = next;
  for (const listener of listeners) listener();
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
