/** The files whose path has what is searched for. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Failure, RowsLoading } from "@/kit/Notices";
import classes from "./NamespaceFiles.module.css";
import { type Place, searchQuery } from "./queries";

interface FoundProps {
  place: Place;
  wanted: string;
  onOpen: (path: string) => void;
}

export function Found({ place, wanted, onOpen }: FoundProps) {
  const [settled] = useDebouncedValue(wanted, 200);
  const found = useQuery({ ...searchQuery(place, settled), placeholderData: keepPreviousData });
  if (found.isError) return <Failure error={found.error} onRetry={found.refetch} />;
  if (!found.data) return <RowsLoading rows={4} height={26} />;
  if (found.data.length === 0) return <p className={classes.hint}>No path has “{wanted}” in it.</p>;
  return (
    <ul className={classes.found} aria-label="Found files">
      {found.data.map((path) => (
        <li key={path}>
          <button type="button" onClick={() => onOpen(path)}>
            {path}
          </button>
        </li>
      ))}
    </ul>
  );
}
