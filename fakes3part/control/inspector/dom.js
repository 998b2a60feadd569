// Building blocks of the page: elements, names, numbers, tables, forms.
//
// All text from the fake (keys, headers, messages) becomes text nodes and attributes, never markup: see `h`.

export const $ = (id) => document.getElementById(id);

/** Return an element. Attributes: `on...` are listeners, `class` and others are attributes; null and false leave one out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]/g;

/** Return a name as nodes in which characters that cannot be seen, or change the direction, are written as \u....; */
export function visible(text) {
  const nodes = [];
  let end = 0;
  for (const match of String(text).matchAll(HIDDEN)) {
    const code = `\\u${match[0].charCodeAt(0).toString(16).padStart(4, "0")}`;
    nodes.push(text.slice(end, match.index), h("span", { class: "escaped" }, code));
    end = match.index + 1;
  }
  nodes.push(String(text).slice(end));
  return nodes;
}

export const key = (text) => h("bdi", { class: "key" }, visible(text));
export const link = (path, ...children) => h("a", { href: `#${path}` }, ...children);
export const soft = (...children) => h("span", { class: "soft" }, ...children);
export const tag = (text, kind = "") => h("span", { class: `tag ${kind}` }, text);
export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : noun.endsWith("y") ? "" : "s"}`;
export const path = (...parts) => `/${parts.map(encodeURIComponent).join("/")}`;
export const json = (value) => h("pre", {}, typeof value === "string" ? visible2(value) : visible2(JSON.stringify(value, null, 2)));

/** As `visible`, with line ends and tabs as they are. */
export function visible2(text) {
  return text.split(/([\n\t])/).map((piece) => (piece === "\n" || piece === "\t" ? piece : visible(piece)));
}

export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${bytes} B` : `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${units[unit]}`;
}

export const exact = (bytes) => (bytes < 1024 ? count(bytes, "byte") : `${bytes.toLocaleString("en")} bytes (${size(bytes)})`);

/** Return a time of the API without microseconds: 2026-11-30 19:08:53 UTC. */
export function time(text) {
  const short = text.replace(/\.\d+/, "").replace("T", " ").replace(/(\+00:00|Z)$/, "");
  return h("time", { datetime: text, title: text }, short);
}

/** Return a table. Columns: [title, class]; rows: arrays of cells, of which the first is the row's header. */
export function table(caption, columns, rows, attributes = {}) {
  const head = columns.map(([title, kind]) => h("th", { scope: "col", class: kind }, title));
  const lines = rows.map((row) => tableRow(columns, row));
  const content = h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, head)), h("tbody", attributes, lines));
  return h("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, content);
}

export function tableRow(columns, row, attributes = {}) {
  const cells = row.map((cell, index) =>
    index === 0 ? h("th", { scope: "row", class: columns[index][1] }, cell) : h("td", { class: columns[index][1] }, cell),
  );
  return h("tr", attributes, cells);
}

export function details(entries) {
  const shown = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", {}, shown.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export const mapping = (values) =>
  Object.keys(values ?? {}).length === 0
    ? null
    : Object.entries(values).map(([name, value]) => h("div", {}, key(name), ": ", key(typeof value === "string" ? value : JSON.stringify(value))));

export const empty = (...children) => h("div", { class: "empty" }, children.map((child) => (typeof child === "string" ? h("p", {}, child) : child)));
export const box = (kind, ...children) => h("div", { class: `box ${kind}` }, children);

export function field(label, name, attributes = {}) {
  return h("label", {}, label, h("input", { name, autocomplete: "off", spellcheck: "false", ...attributes }));
}

/** Return a select. Options: values, or [value, text]. */
export function choice(label, name, options, selected = null) {
  const items = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  return h("label", {}, label, h("select", { name }, items.map(([value, text]) => h("option", { value, selected: value === selected }, text))));
}

/** Return a form whose values, without empty ones, are passed to a function when it is submitted. */
export function form(attributes, onsubmit, ...children) {
  const listener = (event) => {
    event.preventDefault();
    const values = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
    guarded(() => onsubmit(values, event.target));
  };
  return h("form", { class: "row", ...attributes, onsubmit: listener }, ...children);
}

export const button = (text, onclick, attributes = {}) => h("button", { type: "button", ...attributes, onclick: () => guarded(onclick) }, text);

export function announce(text) {
  $("announcer").textContent = text;
}

export function showError(error) {
  $("alert").replaceChildren(error.message, h("button", { type: "button", onclick: () => $("alert").replaceChildren() }, "Close"));
}

/** Call a function, and show the error that it throws. */
export async function guarded(work) {
  $("alert").replaceChildren();
  try {
    return await work();
  } catch (error) {
    if (error.name !== "AbortError") showError(error);
    return undefined;
  }
}
