// Snapshots, and the differences between two of them.

import { PAGE, get, post, remove } from "../api.js";
import { announce, button, choice, count, empty, field, form, h, key, link, soft, table, tag } from "../dom.js";
import { go, refresh } from "../router.js";
import { pages } from "./head.js";

const KINDS = { added: "good", removed: "bad", changed: "note" };

export async function showSnapshots({ query }) {
  const { snapshots } = await get("snapshots");
  const [from, to, offset] = [query.get("from"), query.get("to") ?? "", Number(query.get("offset") ?? 0)];
  const rows = snapshots.map((name) => [
    key(name),
    [
      button("Restore", async () => {
        if (!window.confirm(`Replace the present state by the snapshot ${name}?`)) return;
        await post("restore", { name });
        announce(`The snapshot ${name} is restored`);
        await refresh();
      }, { "aria-label": `Restore ${name}` }), " ",
      link(`/snapshots?${new URLSearchParams({ from: name })}`, "Compare with the present state"), " ",
      button("Remove", async () => { await remove(`snapshots/${encodeURIComponent(name)}`); announce(`The snapshot ${name} is removed`); go("/snapshots"); await refresh(); }, { "aria-label": `Remove ${name}` }),
    ],
  ]);
  return {
    title: "Snapshots",
    nodes: [
      h("h1", {}, "Snapshots"),
      rows.length ? table(count(rows.length, "snapshot"), [["Name", "key-cell"], ["Actions", ""]], rows) : empty("There is no snapshot with a name."),
      form({ "aria-label": "Take a snapshot" }, async ({ name }) => { await post("snapshot", { name }); announce(`The snapshot ${name} is taken`); await refresh(); },
        field("Name", "name", { required: true }), h("button", { class: "main" }, "Take a snapshot")),
      snapshots.length ? [
        h("h2", { id: "compare" }, "Compare"),
        form({ "aria-labelledby": "compare" }, (values) => go(`/snapshots?${new URLSearchParams(values)}`),
          choice("From", "from", snapshots, from), choice("To", "to", [["", "the present state"], ...snapshots], to), h("button", {}, "Compare")),
        from === null ? null : await differenceNodes(from, to, offset),
      ] : null,
    ],
  };
}

async function differenceNodes(from, to, offset) {
  const { differences, total } = await get("diff", { from, to, offset, limit: PAGE });
  const columns = [["Change", "fixed"], ["What", "fixed"], ["Bucket", "fixed"], ["Name", "key-cell"], ["Before and after", "key-cell"]];
  const text = (value) => (value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value));
  const rows = differences.map((one) => [
    tag(one.change, KINDS[one.change]),
    one.kind,
    key(one.bucket),
    one.kind === "bucket" ? "" : key(one.name),
    Object.entries(one.fields).map(([name, [before, after]]) => h("div", {}, soft(`${name}: `), key(text(before)), " → ", key(text(after)))),
  ]);
  return rows.length ? [table(count(total, "difference"), columns, rows), pages(total, offset, (at) => `/snapshots?${new URLSearchParams({ from, to, offset: at })}`)] : empty("They are equal.");
}
