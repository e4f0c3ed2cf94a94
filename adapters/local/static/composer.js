// The command box: completion as an ARIA combobox (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/) and history.

const KEPT = 50;
const KEY = "broadsheet.asked";

const box = document.getElementById("text");
const form = document.getElementById("composer");
const list = document.getElementById("suggestions");
const options = [...document.getElementById("completions").content.children];

let chosen = -1;
let back = 0;
let sent = "";

export function startComposer() {
  box.addEventListener("input", () => { back = 0; suggest(); });
  box.addEventListener("keydown", onKey);
  box.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    fill(option.dataset.term);
  });
  document.addEventListener("click", (event) => {
    const starter = event.target.closest("[data-insert]");
    if (starter) fill(starter.dataset.insert);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    box.focus();
  });
  // Emptied when it is sent, so that the next line may be typed while the answer is on its way.
  form.addEventListener("htmx:beforeSend", () => {
    sent = box.value;
    remember(sent);
    close();
    box.value = "";
    back = 0;
    box.focus();
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful && !box.value) box.value = sent;
  });
}

function onKey(event) {
  const shown = [...list.children];
  if (event.key === "Escape") close();
  else if (event.key === "Tab" && shown.length && !event.shiftKey) take(event, shown[Math.max(chosen, 0)]);
  else if (event.key === "Enter" && chosen >= 0) take(event, shown[chosen]);
  else if (event.key === "ArrowDown" && !shown.length && !back) { event.preventDefault(); suggest(); }
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    event.preventDefault();
    const step = event.key === "ArrowUp" ? -1 : 1;
    if (shown.length) choose((chosen + step + shown.length) % shown.length);
    else recall(-step);
  }
}

function take(event, option) {
  event.preventDefault();
  fill(option.dataset.term);
}

function fill(term) {
  box.value = `${term.trim()} `;
  close();
  box.focus();
}

function suggest() {
  const typed = box.value.trimStart().replace(/^\/papers\s+/i, "").toLowerCase();
  const fitting = options.filter((option) => option.dataset.term.toLowerCase().startsWith(typed.trim()));
  const finished = fitting.length === 1 && fitting[0].dataset.term.trim().toLowerCase() === typed.trim();
  list.replaceChildren(...(finished ? [] : fitting));
  list.hidden = list.children.length === 0;
  box.setAttribute("aria-expanded", String(!list.hidden));
  choose(-1);
}

function choose(place) {
  chosen = place;
  [...list.children].forEach((option, index) => {
    option.setAttribute("aria-selected", String(index === place));
    if (index === place) option.scrollIntoView({ block: "nearest" });
  });
  if (place >= 0) box.setAttribute("aria-activedescendant", list.children[place].id);
  else box.removeAttribute("aria-activedescendant");
}

function close() {
  list.replaceChildren();
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  choose(-1);
}

function asked() {
  try {
    return JSON.parse(window.localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function remember(text) {
  const others = asked().filter((earlier) => earlier !== text);
  try {
    window.localStorage.setItem(KEY, JSON.stringify([...others, text].slice(-KEPT)));
  } catch {
    // Storage is full or forbidden: the history is a convenience.
  }
}

function recall(step) {
  const history = asked();
  back = Math.min(Math.max(back + step, 0), history.length);
  box.value = back ? history[history.length - back] : "";
}
