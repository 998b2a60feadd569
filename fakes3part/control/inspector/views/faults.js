// Fault rules and pauses.

import { get, post, remove } from "../api.js";
import { announce, button, choice, count, empty, field, form, h, key, soft, table, tag } from "../dom.js";
import { refresh } from "../router.js";

// Effect -> its fields: [name, label, kind]. Kinds: number, text, or a list of values. The first of a list is the default.
const EFFECTS = {
  error: [["code", "S3's error code", "text"], ["message", "Message", "text"], ["status", "Status", "number"], ["retry_after", "Retry after (seconds)", "number"]],
  error_in_200: [["code", "S3's error code", "text"], ["whitespace", "White space before it", "number"]],
  reset: [["when", "When", ["before", "during", "after"]]],
  refuse: [],
  stall: [["after", "After how many bytes", "number"]],
  truncate: [["after", "After how many bytes", "number"], ["fraction", "Or after a fraction", "number"]],
  corrupt: [["offset", "Offset", "number"], ["count", "Bytes", "number"]],
  malformed: [],
  latency: [["seconds", "Seconds", "number"]],
  bandwidth: [["bytes_per_second", "Bytes per second", "number"]],
  duplicate: [],
  reorder: [],
};
const RULE_NUMBERS = [["part_number", "Part number"], ["nth", "Only the nth call"], ["times", "At most so many times"], ["probability", "Probability"]];
const numeric = { type: "number", min: "0", step: "any" };

const targetFields = () => [
  field("Bucket", "bucket", { placeholder: "name or pattern*", size: 12 }),
  field("Key", "key", { placeholder: "key or pattern*", size: 12 }),
];

function effectFields(effect) {
  return EFFECTS[effect].map(([name, label, kind]) =>
    Array.isArray(kind) ? choice(label, `effect-${name}`, kind) : field(label, `effect-${name}`, kind === "number" ? numeric : { value: name === "code" ? "SlowDown" : "" }));
}

/** Return the rule that a form describes, as the control API takes it. */
function ruleOf(values) {
  const effect = { effect: values.effect };
  for (const [name, , kind] of EFFECTS[values.effect]) {
    const value = values[`effect-${name}`];
    if (value !== undefined) effect[name] = kind === "number" ? Number(value) : value;
  }
  const rule = { operation: values.operation, effect };
  for (const name of ["bucket", "key"]) if (values[name] !== undefined) rule[name] = values[name];
  for (const [name] of RULE_NUMBERS) if (values[name] !== undefined) rule[name] = Number(values[name]);
  return rule;
}

export async function showFaults() {
  const [{ faults }, { pauses }, { operations }] = await Promise.all([get("faults"), get("pauses"), get("operations")]);
  const columns = [["Rule", "number"], ["Operation", ""], ["Effect", ""], ["Calls it matches", "key-cell"], ["Matched", "number"], ["Injected", "number"], ["Actions", ""]];
  const described = (values) => Object.entries(values).filter(([, value]) => value !== null).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
  const rows = faults.map(({ id, operation, effect, calls, hits, ...match }) => {
    const { effect: name, ...fields } = effect;
    return [
      id,
      [operation].flat().join(", "),
      [h("strong", {}, name), " ", soft(described(fields))],
      key(described(match) || "all"),
      calls,
      hits,
      button("Remove", async () => { await remove(`faults/${id}`); announce(`Rule ${id} is removed`); await refresh(); }, { "aria-label": `Remove rule ${id}` }),
    ];
  });
  const waiting = pauses.map(({ id, when, calls: which, waiting: held, overdue }) => [
    id,
    key(`${when} ${which}`),
    [held.map((call) => h("div", {}, key(call))), overdue.map((call) => h("div", {}, key(call), " ", tag("went on by itself", "note")))],
    button("Release", async () => { await remove(`pauses/${id}`); await refresh(); }, { "aria-label": `Release pause ${id}` }),
  ]);
  const fields = h("span", { class: "row", id: "effect-fields" }, effectFields("error"));
  const kinds = choice("Effect", "effect", Object.keys(EFFECTS));
  kinds.querySelector("select").addEventListener("change", (event) => fields.replaceChildren(...effectFields(event.target.value)));
  return {
    title: "Faults",
    again: pauses.length ? 1000 : null, // calls that are held are not in the journal yet
    nodes: [
      h("h1", {}, "Faults"),
      rows.length ? [table(count(rows.length, "rule"), columns, rows), h("p", {}, button("Remove all rules", async () => { await remove("faults"); announce("All rules are removed"); await refresh(); }))] : empty("No fault is injected."),
      h("h2", { id: "add" }, "Add a rule"),
      form({ "aria-labelledby": "add" }, async (values) => {
        const rule = await post("faults", ruleOf(values));
        announce(`Rule ${rule.id} is added`);
        await refresh();
      },
      field("Operation", "operation", { list: "operations", required: true, placeholder: "name or pattern*" }),
      h("datalist", { id: "operations" }, operations.map((name) => h("option", { value: name }))),
      kinds, fields,
      targetFields(),
      RULE_NUMBERS.map(([name, label]) => field(label, name, numeric)),
      h("button", { class: "main" }, "Add the rule")),
      h("h2", { id: "pauses" }, "Pauses"),
      waiting.length ? table("Calls wait here until the pause is released", [["Pause", "number"], ["Calls it holds", "key-cell"], ["Held now", "key-cell"], ["Actions", ""]], waiting) : h("p", { class: "soft" }, "No call is held. A pause holds every call that matches, to test what two clients do at the same time."),
      form({ "aria-label": "Add a pause" }, async ({ part_number: part, timeout, ...values }) => {
        const numbers = { ...(part ? { part_number: Number(part) } : {}), ...(timeout ? { timeout: Number(timeout) } : {}) };
        const pause = await post("pauses", { ...values, ...numbers });
        announce(`Pause ${pause.id} is added`);
        await refresh();
      },
      choice("Hold calls", "when", ["before", "after"]),
      field("Operation", "operation", { list: "operations", required: true, placeholder: "name or pattern*" }),
      targetFields(),
      field("Part number", "part_number", numeric), field("Go on after (seconds)", "timeout", { ...numeric, placeholder: "10" }),
      h("button", {}, "Add the pause")),
    ],
  };
}
