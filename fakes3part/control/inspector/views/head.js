// What several views share: the head of a bucket's pages, links to other pages, the decision about a request.

import { PAGE } from "../api.js";
import { box, h, json, key, link, path, soft, visible } from "../dom.js";

export function bucketHead(name, current) {
  const tabs = [["Objects", ""], ["Uploads", "uploads"], ["Configuration", "configuration"], ["Access", "access"]];
  return [
    h("p", { class: "crumbs" }, link("/", "Buckets"), " /"),
    h("h1", {}, soft("Bucket "), key(name)),
    h("nav", { class: "tabs", "aria-label": "Bucket" }, h("ul", {}, tabs.map(([text, tab]) =>
      h("li", {}, h("a", { href: `#${path("buckets", name, ...(tab ? [tab] : []))}`, "aria-current": tab === current ? "page" : null }, text)),
    ))),
  ];
}

export function pages(total, offset, to) {
  if (total <= PAGE) return null;
  const last = Math.min(offset + PAGE, total);
  return h("nav", { class: "pages", "aria-label": "Pages" },
    `${(offset + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${total.toLocaleString("en")}`,
    offset > 0 ? link(to(Math.max(0, offset - PAGE)), "Previous page") : null,
    last < total ? link(to(offset + PAGE), "Next page") : null);
}

export function decisionNodes(decision) {
  return box(decision.allowed ? "good" : "bad",
    h("p", {}, h("strong", {}, decision.allowed ? "Allowed" : "Denied"), ": ", visible(decision.reason)),
    h("p", {}, h("code", {}, decision.action), " on ", h("code", {}, visible(decision.resource)), " by ", h("code", {}, visible(decision.caller))),
    decision.statement ? [h("p", {}, "The statement that decides:"), json(decision.statement)] : null);
}
