// The journal, and one call in full.

import { PAGE, get, remove } from "../api.js";
import { $, announce, box, button, count, details, empty, field, form, h, json, key, link, path, size, soft, table, tableRow, tag, time, visible, visible2 } from "../dom.js";
import { go, refresh } from "../router.js";
import { decisionNodes } from "./head.js";

const CALL_COLUMNS = [["Call", "number"], ["Operation", "fixed"], ["Bucket and key", "key-cell"], ["Status", "fixed"], ["In", "number"], ["Out", "number"], ["ms", "number"], ["Remarks", ""]];
const FILTERS = ["operation", "bucket", "key", "status", "error", "access_key"];

function callCells(call) {
  const target = call.bucket === null ? call.path : call.key === null ? call.bucket : `${call.bucket}/${call.key}`;
  return [
    link(path("calls", call.number), `#${call.number}`),
    call.operation ?? soft(`${call.method} (unknown)`),
    [key(target), call.part_number ? soft(` part ${call.part_number}`) : null],
    call.error ? [tag(call.status, "bad"), " ", call.error] : tag(call.status, "good"),
    call.bytes_in ? size(call.bytes_in) : "",
    call.bytes_out ? size(call.bytes_out) : "",
    (call.duration * 1000).toFixed(1),
    [
      call.fault ? tag(`fault: ${call.fault}`, "note") : null,
      call.attempt > 1 ? tag(`attempt ${call.attempt}`, "note") : null,
      call.leniences.length ? tag(`lenient: ${call.leniences.join(", ")}`, "note") : null,
      call.caller === "anonymous" ? tag("anonymous") : null,
    ],
  ];
}

export async function showCalls({ query }) {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name)]).filter(([, value]) => value));
  const before = query.get("before");
  const { calls, dropped } = await get("calls", { ...filters, before, limit: PAGE });
  const here = (changes) => `/calls?${new URLSearchParams(Object.entries({ ...filters, ...changes }).filter(([, value]) => value))}`;
  const rows = calls.reverse().map((call) => callCells(call));
  const oldest = calls.at(-1)?.number;
  const isFiltered = Object.keys(filters).length > 0;
  const names = [["operation", "Operation"], ["bucket", "Bucket"], ["key", "Key"], ["status", "Status"], ["error", "Error code"], ["access_key", "Access key"]];
  const patterns = new Set(["operation", "bucket", "key"]);
  const caption = `${isFiltered ? "Calls that match" : "Calls"}, the latest first${dropped ? `; the journal no longer stores the ${dropped.toLocaleString("en")} oldest` : ""}`;
  return {
    title: "Journal",
    isNewest: !before && !isFiltered,
    nodes: [
      h("h1", {}, "Journal"),
      form({ role: "search" }, (values) => go(here({ ...Object.fromEntries(FILTERS.map((name) => [name, ""])), ...values })),
        names.map(([name, label]) => field(label, name, { value: filters[name] ?? "", size: name === "key" ? 20 : 12, placeholder: patterns.has(name) ? "name or pattern*" : null, inputmode: name === "status" ? "numeric" : null, pattern: name === "status" ? "[0-9]*" : null })),
        h("button", {}, "Filter"), isFiltered ? link("/calls", "All calls") : null,
        button("Clear the journal", async () => { await remove("calls"); await refresh(); })),
      rows.length ? table(caption, CALL_COLUMNS, rows, { id: "calls" }) : empty(isFiltered || before ? "No call matches." : "No request has been made yet. They appear here as they are handled."),
      h("nav", { class: "pages", "aria-label": "Pages" }, before ? link(here({}), "Latest calls") : null, calls.length === PAGE && oldest > 1 ? link(here({ before: oldest }), "Older calls") : null),
    ],
  };
}

/** Add calls to the journal on the page, without touching the rows that are there. */
export function addCalls(calls) {
  const body = $("calls");
  if (body === null) return refresh();
  const shown = Number(body.querySelector("a")?.textContent.slice(1) ?? 0);
  for (const call of calls.filter((each) => each.number > shown)) body.prepend(tableRow(CALL_COLUMNS, callCells(call), { class: "new" }));
  while (body.rows.length > PAGE) body.lastElementChild.remove();
  announce(count(calls.length, "new call"));
  return undefined;
}

export async function showCall({ names: [number] }) {
  const call = await get(`calls/${encodeURIComponent(number)}`);
  const headers = Object.entries(call.headers);
  const target = call.query ? `${call.path}?${call.query}` : call.path;
  return {
    title: `Call #${number}`,
    nodes: [
      h("p", { class: "crumbs" }, link("/calls", "Journal"), " /"),
      h("h1", {}, soft(`Call #${call.number} `), call.operation ?? `${call.method} (unknown)`),
      h("nav", { class: "pages", "aria-label": "Neighbours" }, call.number > 1 ? link(path("calls", call.number - 1), "Previous call") : null, link(path("calls", call.number + 1), "Next call")),
      call.error ? box("bad", h("p", {}, h("strong", {}, `${call.status} ${call.error}`), ": ", call.message)) : null,
      call.hint ? box("note", h("p", {}, h("strong", {}, "Hint"), ": ", visible2(call.hint))) : null,
      call.decision ? decisionNodes(call.decision) : null,
      call.fault ? box("note", h("p", {}, `A fault rule injected: ${call.fault}`)) : null,
      call.leniences.length ? box("note", h("p", {}, `S3 would have refused it; accepted by the leniences: ${call.leniences.join(", ")}`)) : null,
      details([
        ["Request", h("code", {}, `${call.method} ${call.scheme}://${call.host}`, visible(target))],
        ["Status", call.error ? tag(call.status, "bad") : tag(call.status, "good")],
        ["Bucket", call.bucket && link(path("buckets", call.bucket), key(call.bucket))],
        ["Key", call.bucket && call.key !== null ? link(`${path("buckets", call.bucket, "object")}?${new URLSearchParams({ key: call.key })}`, key(call.key)) : null],
        ["Upload", call.bucket && call.upload_id ? link(`${path("buckets", call.bucket, "upload")}?${new URLSearchParams({ id: call.upload_id })}`, h("code", {}, call.upload_id)) : null],
        ["Version", call.version_id && h("code", {}, call.version_id)],
        ["Caller", call.caller],
        ["Access key", call.access_key && h("code", {}, visible(call.access_key))],
        ["Client", call.client],
        ["Bytes", `${call.bytes_in.toLocaleString("en")} in, ${call.bytes_out.toLocaleString("en")} out`],
        ["Time", time(call.time)],
        ["Duration", `${(call.duration * 1000).toFixed(2)} ms`],
        ["Attempt", call.attempt > 1 ? String(call.attempt) : null],
        ["Thread", call.thread],
        ["Request id", h("code", {}, call.request_id)],
      ]),
      h("h2", {}, "Parameters"),
      Object.keys(call.params).length ? json(call.params) : h("p", { class: "soft" }, "None."),
      h("h2", {}, "Headers of the request"),
      headers.length ? table("Secrets are ***", [["Name", "fixed mono"], ["Value", "key-cell"]], headers.map(([name, value]) => [visible(name), key(value)])) : h("p", { class: "soft" }, "None."),
    ],
  };
}
