// Presses of buttons in place, keys for readers, and the count of a query while it is typed. Pages work without it.
"use strict";

const form = document.getElementById("act");
const keys = document.getElementById("keys");
const OFF = "paperwire-keys-off";
let place = -1;

// --- buttons of the page's one form, answered in place ------------------------------------------------------------

async function press(button) {
  const data = new FormData(form, button);
  data.append("part", "1");
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "error" });
  if (!answer.ok) throw new Error(answer.statusText);
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".acts");
  const before = document.getElementById(part.id);
  const verb = button.value.split(":")[0];
  before.replaceWith(part);
  const status = part.querySelector("[role=status]");
  if (status) {
    // A status is announced when its text changes, not when it comes with its element.
    const words = status.textContent;
    status.textContent = "";
    setTimeout(() => { status.textContent = words; }, 50);
  }
  const buttons = [...part.querySelectorAll("button")];
  const same = { save: 0, unsave: 0, vote: 1, withdraw: 1 }[verb] ?? 0;
  const back = { less: "more", more: "less", unlearn: "less" }[verb];
  (part.querySelector(`button[value^="${back}:"]`) ?? buttons[same])?.focus();
}

if (form) {
  document.addEventListener("click", (event) => {
    // The second click of a double click would press what the first one put there, such as Undo.
    if (event.detail > 1 && event.target.closest("[form=act]")) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    if (!event.submitter || form.dataset.plain) return;
    event.preventDefault();
    const button = event.submitter;
    press(button).catch(() => {
      // The page that answers without a script says what is wrong.
      form.dataset.plain = "1";
      form.requestSubmit(button);
    });
  });
}

// --- keys ---------------------------------------------------------------------------------------------------------

function papers() {
  return [...document.querySelectorAll(".paper")];
}

function go(step) {
  const list = papers();
  const focused = document.activeElement.closest?.(".paper");
  if (focused) place = list.indexOf(focused);
  place = Math.min(Math.max(place + step, 0), list.length - 1);
  const link = list[place]?.querySelector("h2 a, h3 a");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

function current() {
  const list = papers();
  return document.activeElement.closest?.(".paper") ?? list[place] ?? document.querySelector("article.full");
}

function pressFirst(verbs) {
  const buttons = verbs.map((verb) => current()?.querySelector(`button[value^="${verb}:"]`));
  buttons.find(Boolean)?.click();
}

const ACTIONS = {
  j: () => go(1),
  k: () => go(-1),
  o: () => current()?.querySelector("h2 a, h3 a, .actions a")?.click(),
  s: () => pressFirst(["save", "unsave"]),
  u: () => pressFirst(["vote", "withdraw"]),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => keys.showModal(),
};

function areKeysOff() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

if (keys) {
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (isTyped || keys.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = ACTIONS[event.key];
    if (!act || (event.key !== "?" && areKeysOff())) return;
    event.preventDefault();
    act();
  });
  keys.querySelector("button").addEventListener("click", () => keys.close());
  const on = keys.querySelector("input[name=on]");
  on.checked = !areKeysOff();
  on.addEventListener("change", () => {
    try {
      if (on.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch {
      // Where nothing may be stored, keys are on.
    }
  });
}

// --- the count of a query while it is typed -----------------------------------------------------------------------

const live = document.getElementById("live");
const typed = live?.dataset.count && document.querySelector("form.wide input[name=q]");

if (typed) {
  let asked = live.dataset.query;
  let waiting = 0;
  const count = async () => {
    const query = typed.value.trim();
    if (query === asked) return;
    asked = query;
    const answer = query ? await fetch(`${live.dataset.count}?q=${encodeURIComponent(query)}`) : null;
    const words = answer?.ok ? await answer.text() : "";
    if (asked === query) {
      live.replaceChildren(...new DOMParser().parseFromString(words, "text/html").body.childNodes);
    }
  };
  typed.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(count, 500);
  });
}
