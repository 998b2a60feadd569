// Who may do what, and why.

import { get, inBucket } from "../api.js";
import { box, choice, field, form, h, key, path, table } from "../dom.js";
import { go } from "../router.js";
import { bucketHead, decisionNodes } from "./head.js";

export async function showAccess({ query }) {
  const [{ callers }, { operations }, { buckets }] = await Promise.all([get("callers"), get("operations"), get("buckets")]);
  const what = query.get("what");
  const asked = Object.fromEntries(query);
  const result = what ? await get("explain", asked).then(decisionNodes, (error) => box("bad", h("p", {}, error.message))) : null;
  return {
    title: "Access",
    nodes: [
      h("h1", {}, "Who may do what"),
      h("p", {}, "Evaluates policies, ACLs, public access blocks and the rest as a request would, and names the statement, grant or rule that decides. Nothing is changed."),
      form({ "aria-label": "Explain" }, (values) => go(`/access?${new URLSearchParams(values)}`),
        choice("Caller", "caller", callers.map((caller) => [caller.caller, caller.name]), asked.caller),
        field("Operation or action", "what", { list: "operations", required: true, value: what ?? "GetObject" }),
        h("datalist", { id: "operations" }, operations.map((name) => h("option", { value: name }))),
        field("Bucket", "bucket", { list: "bucket-names", value: asked.bucket ?? "" }),
        h("datalist", { id: "bucket-names" }, buckets.slice(0, 500).map((bucket) => h("option", { value: bucket.name }))),
        field("Key", "key", { value: asked.key ?? "" }),
        field("From IP address", "source_ip", { placeholder: "127.0.0.1", size: 12, value: asked.source_ip ?? "" }),
        choice("TLS", "secure", [["true", "yes"], ["false", "no"]], asked.secure ?? "true"),
        h("button", { class: "main" }, "Explain")),
      h("div", { role: "status", id: "decision" }, result),
    ],
  };
}

export async function showBucketAccess({ names: [bucket], query }) {
  const object = query.get("key");
  const access = await get(inBucket(bucket, "access"), { key: object });
  const columns = [["Caller", "key-cell"], ...access.operations.map((name) => [name, "fixed"])];
  const ask = (caller, what) => `/access?${new URLSearchParams({ caller, what, bucket, ...(object ? { key: object } : {}) })}`;
  const rows = access.callers.map((caller) => [
    key(caller.name),
    ...caller.decisions.map((decision, index) =>
      h("a", { href: `#${ask(caller.caller, access.operations[index])}`, class: `tag ${decision.allowed ? "good" : "bad"}`, title: decision.text }, decision.allowed ? "allowed" : "denied")),
  ]);
  return {
    title: `${bucket}: access`,
    nodes: [
      bucketHead(bucket, "access"),
      form({ role: "search" }, (values) => go(`${path("buckets", bucket, "access")}?${new URLSearchParams(values)}`), field("Key (empty: the bucket itself)", "key", { value: object ?? "" }), h("button", {}, "Show")),
      table(object ? "Who may do what with the object; each decision leads to its reason" : "Who may do what with the bucket; each decision leads to its reason", columns, rows),
    ],
  };
}
