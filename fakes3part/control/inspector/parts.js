// The parts of an upload or object as a picture.

import { count, exact, h, size } from "./dom.js";

/** Return parts as a bar: the width of each is its size, gaps are hatched. Of many parts, neighbours share a piece. */
export function picture(parts, gaps, minimum) {
  const each = Math.ceil(parts.length / 150);
  const total = parts.reduce((sum, part) => sum + part.size, 0) || 1;
  const before = new Map(gaps.map(([first, last]) => [last + 1, [first, last]]));
  const pieces = [];
  for (let start = 0; start < parts.length; start += each) {
    const group = parts.slice(start, start + each);
    const gap = group.map((part) => before.get(part.number)).find(Boolean);
    if (gap) pieces.push(h("span", { class: "gap", title: gap[0] === gap[1] ? `no part ${gap[0]}` : `no parts ${gap[0]} to ${gap[1]}` }));
    const sum = group.reduce((bytes, part) => bytes + part.size, 0);
    const small = group.some((part, index) => part.size < minimum && start + index < parts.length - 1);
    const kinds = [group.some((part) => part.overwritten?.length) ? "again" : "", small ? "small" : ""].join(" ").trim();
    const [first, last] = [group[0].number, group[group.length - 1].number];
    const piece = h("span", { class: kinds || null, title: `${first === last ? `part ${first}` : `parts ${first} to ${last}`}: ${size(sum)}` }, parts.length <= 40 && sum / total > 0.02 ? first : "");
    piece.style.flexGrow = String(Math.max(sum / total, 0.001));
    pieces.push(piece);
  }
  const summary = `${count(parts.length, "part")} of ${exact(parts.reduce((sum, part) => sum + part.size, 0))}${gaps.length ? `, ${count(gaps.length, "gap")} between their numbers` : ""}`;
  return h("div", { class: "picture", role: "img", "aria-label": summary }, pieces);
}

export function legend(open) {
  const entries = [["", "a part, as wide as its bytes"], ...(open ? [["again", "overwritten"], ["small", "smaller than a part may be"], ["gap", "numbers without a part"]] : [])];
  return h("ul", { class: "legend", "aria-hidden": "true" }, entries.map(([kind, text]) => h("li", {}, h("i", { class: kind }), text)));
}
