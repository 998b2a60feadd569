// The clock.

import { get, post, remove } from "../api.js";
import { announce, button, choice, details, field, form, h, time } from "../dom.js";
import { refresh } from "../router.js";

export async function showClock() {
  const clock = await get("clock");
  const move = async (name, body, text) => {
    await post(`clock/${name}`, body);
    await refresh();
    announce(text);
  };
  const state = clock.frozen ? "It is frozen." : clock.controlled ? "It was moved, and runs." : "It shows the system's time.";
  return {
    title: "Clock",
    nodes: [
      h("h1", {}, "Clock"),
      h("p", {}, "The time that S3 sees. Lifecycle rules, locks, restores and presigned URLs depend on it; what is due runs when it is moved."),
      details([["Now", time(clock.now)], ["State", state]]),
      h("p", { class: "row" },
        button("Freeze now", () => move("freeze", {}, "The clock is frozen")),
        button("Reset the clock", async () => { await remove("clock"); await refresh(); announce("The clock is reset"); })),
      form({ "aria-label": "Advance" }, ({ amount, unit }) => move("advance", { [unit]: Number(amount) }, `The clock is advanced by ${amount} ${unit}`),
        field("Advance by", "amount", { type: "number", step: "any", required: true, value: "1" }),
        choice("Unit", "unit", ["seconds", "minutes", "hours", "days", "weeks"], "days"),
        h("button", { class: "main" }, "Advance")),
      form({ "aria-label": "Move to" }, ({ to }) => move("move_to", { to }, "The clock is moved"),
        field("Move to (ISO 8601)", "to", { required: true, placeholder: "2030-01-01T00:00:00Z", size: 26 }),
        h("button", {}, "Move")),
    ],
  };
}
