/** The changes that a document asks for, each with what goes and what comes. */
import type { AccessStep } from "@/api/types";
import type { Tone } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { wordOf } from "../roles/matrix";
import classes from "./AsCode.module.css";
import { changesOf } from "./changes";

const WORDS: Record<AccessStep["action"], [string, Tone]> = {
  CREATE: ["New", "good"],
  UPDATE: ["Changed", "warn"],
  DELETE: ["Removed", "bad"],
};

export function Steps({ steps }: { steps: AccessStep[] }) {
  if (steps.length === 0) return <p className={classes.none}>Nothing: everything is as the document says.</p>;
  return (
    <ol className={classes.steps} aria-label="Changes">
      {steps.map((step) => (
        <Step key={`${step.action} ${step.kind} ${step.name}`} step={step} />
      ))}
    </ol>
  );
}

function Step({ step }: { step: AccessStep }) {
  const [word, tone] = WORDS[step.action];
  return (
    <li>
      <div className={classes.step}>
        <Tag tone={tone}>{word}</Tag>
        <span className={classes.kind}>{wordOf(step.kind)}</span>
        <strong>{step.name}</strong>
      </div>
      {changesOf(step).map(({ sign, text }) => (
        <div key={sign + text} className={classes.line} data-sign={sign}>
          {sign} {text}
        </div>
      ))}
    </li>
  );
}
