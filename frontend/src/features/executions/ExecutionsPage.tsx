/** All executions of the tenant, as they happen. */
import { Page } from "@/kit/Page";
import { useUrlState } from "@/url";
import { ExecutionsList } from "./ExecutionsList";

export function ExecutionsPage() {
  const [search, setSearch] = useUrlState();
  return (
    <Page name="Executions" title="Executions" fill>
      <ExecutionsList search={search} onSearch={setSearch} />
    </Page>
  );
}
