// From the address after # to a view. A view is a function ({names, query}) -> {title, nodes, isNewest, again}.
//
// isNewest: the page is the newest calls, to which new ones are added. again: milliseconds after which the page is shown again.

import { $, box, guarded, h, link } from "./dom.js";

let views = [];

export let shown = { isLive: false, isNewest: false, number: 0 };

export const go = (address) => { location.hash = address; };

function parseAddress() {
  const [route, query] = [location.hash.slice(1).split("?")[0], location.hash.split("?").slice(1).join("?")];
  const parts = route.split("/").filter(Boolean).map(decodeURIComponent);
  for (const [pattern, view, isLive] of views) {
    const names = pattern.split("/").filter(Boolean);
    if (names.length === parts.length && names.every((name, index) => name === "{}" || name === parts[index])) {
      return { view, isLive, names: parts.filter((_, index) => names[index] === "{}"), query: new URLSearchParams(query), section: parts[0] ?? "" };
    }
  }
  throw new Error(`there is no page ${route}`);
}

/** Show the view of the address. `isVisit`: the user has come to it; else it is shown again, and focus and position stay. */
export async function show(isVisit) {
  const number = (shown.number += 1);
  const main = $("main");
  try {
    const address = parseAddress();
    const { title, nodes, isNewest = false, again = null } = await address.view(address);
    if (number !== shown.number) return;
    showAgain(again);
    shown = { isLive: address.isLive, isNewest, number };
    const focused = focusMark();
    main.replaceChildren(...[nodes].flat(9).filter(Boolean));
    document.title = `${title} – fakes3part`;
    markMenu(address.section);
    if (!isVisit) restoreFocus(focused);
  } catch (error) {
    if (number !== shown.number) return;
    shown = { isLive: false, isNewest: false, number };
    main.replaceChildren(h("h1", {}, "Not found"), box("bad", h("p", {}, error.message)), h("p", {}, link("/", "All buckets")));
    document.title = "Not found – fakes3part";
  }
  if (isVisit) {
    window.scrollTo(0, 0);
    const heading = main.querySelector("h1");
    heading.tabIndex = -1;
    if (number > 1) heading.focus({ preventScroll: true });
  }
  main.removeAttribute("aria-busy");
}

let timer = 0;

/** Show the page again after so many milliseconds, unless the user is typing or has switched Live off. null: only when calls were handled. */
function showAgain(milliseconds) {
  clearTimeout(timer);
  if (milliseconds === null) return;
  timer = setTimeout(() => {
    if (isTyping() || $("live").getAttribute("aria-pressed") === "false") showAgain(milliseconds);
    else refresh();
  }, milliseconds);
}

function markMenu(section) {
  for (const item of document.querySelectorAll("#menu a")) {
    const own = item.getAttribute("href").slice(2);
    const isCurrent = own === section || (own === "" && section === "buckets");
    if (isCurrent) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
}

/** Return what finds the focused element after the page is shown again: its address, or its text. */
function focusMark() {
  const element = document.activeElement;
  if (!$("main").contains(element)) return null;
  return (other) => other.tagName === element.tagName && other.getAttribute("href") === element.getAttribute("href") && other.textContent === element.textContent;
}

function restoreFocus(isSame) {
  if (isSame !== null) [...$("main").querySelectorAll("a, button, [tabindex]")].find(isSame)?.focus({ preventScroll: true });
}

export const refresh = () => guarded(() => show(false));

/** Return whether the user is typing, which nothing may interrupt. */
export function isTyping() {
  const element = document.activeElement;
  return $("main").contains(element) && ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName);
}

/** Show the view of the address now, and whenever the address changes. `table`: rows of a path, its view and whether it is live. */
export async function startRouter(table) {
  views = table;
  window.addEventListener("hashchange", () => show(true));
  await show(true);
}
